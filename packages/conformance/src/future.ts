import { type Coroutine, getHub, until, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Case, type Contract, hold } from './contract.ts';
import { type Scene, thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';
import { CAME, OPEN, PASSED, type TaskName } from './tasks.ts';

interface TimeLimit {
  timeout?: number | null | undefined;
}

/** Python: `concurrent.futures.Future`. */
export interface FutureLike extends Waitable<unknown> {
  result(options?: TimeLimit): Waitable<unknown>;
  exception(options?: TimeLimit): Waitable<unknown>;
  addDoneCallback(fn: (future: FutureLike) => unknown): void;
  cancel(): boolean;
  cancelled(): boolean;
  running(): boolean;
  done(): boolean;
}

/** What `map` gives: the results one after the other, or all as an array. */
export interface MapLike extends AsyncIterable<unknown>, PromiseLike<unknown[]> {}

/** Python: `concurrent.futures.Executor`. */
export interface ExecutorLike extends AsyncDisposable {
  submit(target: TaskLike, ...args: unknown[]): FutureLike;
  map(target: TaskLike, items: Iterable<unknown>, options?: TimeLimit & { chunksize?: number }): MapLike;
  shutdown(options?: { wait?: boolean; cancelFutures?: boolean }): Waitable<void>;
}

/** What an executor takes as a task: a function. */
export type TaskLike = (...args: never[]) => unknown;

export interface ExecutorMaking {
  maxWorkers?: number;
  initializer?: TaskLike;
}

export type WaitMode = 'FIRST_COMPLETED' | 'FIRST_EXCEPTION' | 'ALL_COMPLETED';

export interface ExecutorAdapter extends World {
  make(making: ExecutorMaking): ExecutorLike;
  /** A function of `tasks`, as the executor takes it. */
  task(name: TaskName): TaskLike;
  wait(
    futures: Iterable<FutureLike>,
    options?: TimeLimit & { returnWhen?: WaitMode },
  ): Waitable<{ done: Set<FutureLike>; notDone: Set<FutureLike> }>;
  asCompleted(futures: Iterable<FutureLike>, options?: TimeLimit): AsyncIterable<FutureLike>;
  /** Whether workers can be initialized; they can unless told. */
  readonly initializes?: boolean;
}

const SHORT = 60;
/** So many tasks that not all of them can have been given to workers. */
const MANY = 40;

type Steps = (executor: ExecutorLike, gate: Tally, adapter: ExecutorAdapter, scene: Scene) => Coroutine<void>;

/** A case with an executor and a gate, which is opened and shut down whatever happens. */
function withExecutor(making: ExecutorMaking, steps: Steps): Case<ExecutorAdapter> {
  return {
    when: () => true,
    *body(adapter, scene) {
      const gate = scene.tally();
      const executor = adapter.make(making);
      try {
        yield* steps(executor, gate, adapter, scene);
      } finally {
        count(gate, OPEN);
        yield* executor.shutdown({ cancelFutures: true });
      }
    },
  };
}

/** What the hub's error hook is told while the steps run. */
function* reported(steps: () => Coroutine<void>): Coroutine<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const messages: string[] = [];
  hub.onError = (error) => void messages.push((error as Error).message);
  try {
    yield* steps();
  } finally {
    hub.onError = before;
  }
  return messages;
}

/** What an async iteration gives, with the name of the error that ended it. */
function* collected<T>(items: AsyncIterable<T>): Coroutine<[T[], string]> {
  return yield* until(async (): Promise<[T[], string]> => {
    const all: T[] = [];
    try {
      for await (const item of items) all.push(item);
    } catch (error) {
      return [all, (error as Error).name];
    }
    return [all, 'nothing'];
  });
}

/** The very same futures: others that look alike are no substitute. */
function same(futures: FutureLike[], expected: FutureLike[]): void {
  assert.is(futures.length, expected.length, 'how many futures');
  for (const [n, future] of expected.entries())
    assert.ok(futures[n] === future, `another future in place ${n}`);
}

const flags = (future: FutureLike): string =>
  [future.running() && 'running', future.done() && 'done', future.cancelled() && 'cancelled']
    .filter(Boolean)
    .join(' ');

export const futureCases: Contract<ExecutorAdapter> = {
  'F01: what a task returns is the result': withExecutor(
    { maxWorkers: 2 },
    function* (executor, _gate, { task }) {
      assert.is(yield* executor.submit(task('multiply'), 6, 7).result(), 42);
      assert.is(yield* executor.submit(task('inAsync'), 6), 7);
      assert.is(yield* until(Promise.resolve(executor.submit(task('inverse'), 4))), 0.25);
      const future = executor.submit(task('multiply'), 2, 3);
      for (let again = 0; again < 3; again++) assert.is(yield* future.result({ timeout: 7000 }), 6);
      assert.is((yield* future.exception()) ?? null, null);
      assert.is(flags(future), 'done');
    },
  ),

  'F01: what a task throws is thrown by result, and given by exception': withExecutor(
    { maxWorkers: 2 },
    function* (executor, _gate, { task }) {
      const future = executor.submit(task('inverse'), 0);
      const error = (yield* future.exception()) as Error;
      assert.is(error.name, 'RangeError');
      assert.is(error.message, 'there is no inverse of 0');
      assert.is(yield* thrown(() => future.result()), 'RangeError');
      assert.is(yield* thrown(() => future), 'RangeError');
      assert.is(flags(future), 'done');
    },
  ),

  'F01: submit and map after shutdown are RuntimeErrors': withExecutor(
    { maxWorkers: 1 },
    function* (executor, _gate, { task }) {
      const future = executor.submit(task('multiply'), 6, 7);
      yield* executor.shutdown();
      assert.is(yield* thrown(() => executor.submit(task('multiply'), 6, 7)), 'RuntimeError');
      assert.is(yield* thrown(() => executor.map(task('double'), [1])), 'RuntimeError');
      assert.is(yield* future, 42);
    },
  ),

  'what is no function is a TypeError': withExecutor({ maxWorkers: 1 }, function* (executor) {
    for (const target of [undefined, 'multiply', { then: 1 }]) {
      assert.is(yield* thrown(() => executor.submit(target as never)), 'TypeError');
    }
  }),

  *'F14: what is no number of workers is a RangeError'({ make }) {
    for (const maxWorkers of [0, -1, 1.5]) {
      assert.is(yield* thrown(() => make({ maxWorkers })), 'RangeError', `${maxWorkers}`);
    }
  },

  'no more tasks run at a time than there are workers': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task }, scene) {
      const futures = [1, 2, 3, 4, 5].map((n) => executor.submit(task('gated'), gate, n));
      yield* scene.reaches(gate, CAME, 2);
      count(gate, OPEN);
      for (const [n, future] of futures.entries()) assert.is(yield* future, n + 1);
    },
  ),

  'two hundred tasks, each with its own result': withExecutor(
    { maxWorkers: 3 },
    function* (executor, _gate, { task }) {
      const futures = Array.from({ length: 200 }, (_, n) => executor.submit(task('multiply'), n, 2));
      for (const [n, future] of futures.entries()) assert.is(yield* future, 2 * n);
    },
  ),

  'F03: a task that waits can be cancelled, one that runs or has ended cannot': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }, scene) {
      const running = executor.submit(task('gated'), gate, 'through');
      const others = Array.from({ length: MANY }, () => executor.submit(task('gated'), gate, 'other'));
      const pending = others.at(-1) as FutureLike;
      yield* scene.reaches(gate, CAME, 1);
      assert.is(flags(running), 'running');
      assert.is(flags(pending), '');
      assert.is(running.cancel(), false);
      assert.is(flags(running), 'running');
      assert.is(pending.cancel(), true);
      assert.is(flags(pending), 'done cancelled');
      assert.is(pending.cancel(), true, 'again');
      for (const wait of [
        (): unknown => pending.result(),
        () => pending.exception(),
        () => pending.result({ timeout: 0 }),
        () => pending,
      ]) {
        assert.is(yield* thrown(wait), 'CancelledError');
      }
      count(gate, OPEN);
      assert.is(yield* running, 'through');
      assert.is(running.cancel(), false);
      assert.is(flags(running), 'done');
      for (const other of others) if (!other.cancelled()) yield* other;
      assert.is(read(gate, CAME), MANY, 'the cancelled one has not run');
    },
  ),

  'who waits for a task that is cancelled is told': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }, scene) {
      const all = Array.from({ length: MANY }, () => executor.submit(task('gated'), gate, 1));
      const pending = all.at(-1) as FutureLike;
      const waiters = [
        scene.start(() => pending.result({ timeout: 7000 })),
        scene.start(() => pending.exception()),
      ];
      yield* scene.settle();
      pending.cancel();
      for (const waiter of waiters) assert.is(yield* thrown(() => waiter.outcome()), 'CancelledError');
    },
  ),

  'a time limit of result and exception is waited for, and is a TimeoutError': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }, scene) {
      const future = executor.submit(task('gated'), gate, 'through');
      for (const wait of [
        () => future.result({ timeout: SHORT }),
        () => future.exception({ timeout: SHORT }),
      ]) {
        const [name, elapsed] = yield* timed<string>(thrown(wait));
        assert.is(name, 'TimeoutError');
        scene.took(elapsed, SHORT);
      }
      assert.is(yield* thrown(() => future.result({ timeout: 0 })), 'TimeoutError');
      count(gate, OPEN);
      assert.is(yield* future.result({ timeout: 7000 }), 'through', 'the task has not been disturbed');
      assert.is(yield* future.result({ timeout: 0 }), 'through');
    },
  ),

  'a kill or a Timeout of one who waits leaves the task and the others alone': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }, scene) {
      const future = executor.submit(task('gated'), gate, 'through');
      const victim = scene.start(() => future.result());
      const other = scene.start(() => future);
      yield* scene.reaches(gate, CAME, 1);
      victim.kill();
      assert.is(yield* thrown(() => victim.outcome()), 'Killed');
      assert.is(yield* withTimeout(SHORT, () => future.result({ timeout: 7000 }), { value: 'late' }), 'late');
      assert.is(flags(future), 'running');
      count(gate, OPEN);
      assert.is(yield* other.outcome(), 'through');
    },
  ),

  'F04: callbacks are called once with the future, in order, however it ends': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }) {
      const log: string[] = [];
      const good = executor.submit(task('gated'), gate, 1);
      const bad = executor.submit(task('gatedFailure'), gate);
      const others = Array.from({ length: MANY }, () => executor.submit(task('gated'), gate, 1));
      const ugly = others.at(-1) as FutureLike;
      for (const [name, future] of Object.entries({ good, bad, ugly })) {
        for (const n of [1, 2]) {
          future.addDoneCallback((given) => log.push(`${name} ${n} ${given === future} ${flags(given)}`));
        }
      }
      assert.equal(log, []);
      ugly.cancel();
      count(gate, OPEN);
      yield* good;
      yield* thrown(() => bad);
      for (const other of others) yield* thrown(() => other);
      const by = (name: string): string[] => log.filter((line) => line.startsWith(name));
      assert.equal(by('good'), ['good 1 true done', 'good 2 true done']);
      assert.equal(by('bad'), ['bad 1 true done', 'bad 2 true done']);
      assert.equal(by('ugly'), ['ugly 1 true done cancelled', 'ugly 2 true done cancelled']);
      assert.is(log.length, 6);
    },
  ),

  'F04: a callback is called at once when it is done already': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }) {
      const others = Array.from({ length: MANY }, () => executor.submit(task('gated'), gate, 1));
      const cancelled = others.at(-1) as FutureLike;
      cancelled.cancel();
      count(gate, OPEN);
      const good = executor.submit(task('multiply'), 6, 7);
      const bad = executor.submit(task('inverse'), 0);
      yield* good;
      yield* thrown(() => bad);
      for (const future of [good, bad, cancelled]) {
        let told: unknown = null;
        future.addDoneCallback((given) => void (told = given));
        assert.ok(told === future, 'called with the future');
      }
    },
  ),

  'F04: a callback that throws is reported, and the next is called': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }) {
      const future = executor.submit(task('gated'), gate, 1);
      const told: string[] = [];
      const messages = yield* reported(function* () {
        future.addDoneCallback(() => {
          throw new RangeError('no callback');
        });
        future.addDoneCallback(() => void told.push('next'));
        count(gate, OPEN);
        assert.is(yield* future, 1, 'it is no error of the task');
        future.addDoneCallback(() => {
          throw new RangeError('late callback');
        });
        future.addDoneCallback(() => void told.push('last'));
        yield* until(Promise.resolve());
      });
      assert.equal(told, ['next', 'last']);
      assert.is(messages.length, 2);
      assert.match(messages[0] as string, 'no callback');
      assert.match(messages[1] as string, 'late callback');
    },
  ),

  'F07: wait until the first is done': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task, wait }) {
      const first = executor.submit(task('multiply'), 6, 7);
      const second = executor.submit(task('gated'), gate, 1);
      const { done, notDone } = yield* wait([first, second], { returnWhen: 'FIRST_COMPLETED' });
      same([...done, ...notDone], [first, second]);
      assert.is(done.size, 1);
      const third = executor.submit(task('gated'), gate, 1);
      const again = yield* wait([third, first], { returnWhen: 'FIRST_COMPLETED' });
      same([...again.done, ...again.notDone], [first, third]);
      count(gate, OPEN);
    },
  ),

  'F07: wait until the first fails': withExecutor(
    { maxWorkers: 3 },
    function* (executor, gate, { task, wait }) {
      const good = executor.submit(task('multiply'), 6, 7);
      const waits = executor.submit(task('gated'), gate, 1);
      const bad = executor.submit(task('inverse'), 0);
      yield* good;
      const { done, notDone } = yield* wait([good, waits, bad], { returnWhen: 'FIRST_EXCEPTION' });
      assert.ok(done.has(good) && done.has(bad) && done.size === 2, `${done.size} done`);
      same([...notDone], [waits]);
      // One that failed before, and none that fails at all.
      const failed = yield* wait([waits, bad], { returnWhen: 'FIRST_EXCEPTION' });
      same([...failed.done], [bad]);
      count(gate, OPEN);
      const all = yield* wait([good, waits], { returnWhen: 'FIRST_EXCEPTION' });
      assert.is(all.done.size, 2);
    },
  ),

  'F07: wait until all are done: those that failed and were cancelled, too; each once': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task, wait }) {
      const bad = executor.submit(task('gatedFailure'), gate);
      const others = Array.from({ length: MANY }, () => executor.submit(task('gated'), gate, 1));
      const cancelled = others.at(-1) as FutureLike;
      cancelled.cancel();
      // To be cancelled is not to fail.
      const soon = yield* wait([cancelled, bad], { returnWhen: 'FIRST_EXCEPTION', timeout: 10 });
      same([...soon.done], [cancelled]);
      count(gate, OPEN);
      const futures = [bad, ...others];
      const { done, notDone } = yield* wait([...futures, ...futures]);
      assert.is(done.size, MANY + 1);
      assert.is(notDone.size, 0);
      const none = yield* wait([]);
      assert.is(none.done.size + none.notDone.size, 0);
    },
  ),

  'F07: wait for some time throws nothing': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task, wait }, scene) {
      const good = executor.submit(task('multiply'), 6, 7);
      yield* good;
      const waits = executor.submit(task('gated'), gate, 1);
      const [{ done, notDone }, elapsed] = yield* timed<{ done: Set<FutureLike>; notDone: Set<FutureLike> }>(
        wait([good, waits], { timeout: SHORT }),
      );
      scene.took(elapsed, SHORT);
      same([...done, ...notDone], [good, waits]);
      const atOnce = yield* wait([good, waits], { timeout: 0 });
      assert.is(atOnce.done.size, 1);
    },
  ),

  'F09: asCompleted gives each once, as it is done': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task, asCompleted }) {
      const waits = executor.submit(task('gated'), gate, 1);
      const bad = executor.submit(task('inverse'), 0);
      yield* thrown(() => bad);
      function* futures(): Generator<FutureLike> {
        yield* [waits, bad, waits, bad, waits];
      }
      const order = yield* until(async (): Promise<FutureLike[]> => {
        const order: FutureLike[] = [];
        for await (const future of asCompleted(futures())) {
          // TypeScript takes it for awaited, as it can be waited for.
          order.push(future as FutureLike);
          count(gate, OPEN);
        }
        return order;
      });
      same(order, [bad, waits]);
      assert.equal(yield* collected(asCompleted([])), [[], 'nothing']);
    },
  ),

  'F09: asCompleted throws a TimeoutError when its time is up': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task, asCompleted }, scene) {
      const good = executor.submit(task('multiply'), 6, 7);
      yield* good;
      const waits = executor.submit(task('gated'), gate, 1);
      for (const timeout of [0, SHORT]) {
        const iteration = collected(asCompleted([waits, good], { timeout }));
        const [[seen, error], elapsed] = yield* timed<[FutureLike[], string]>(iteration);
        assert.is(error, 'TimeoutError');
        same(seen, [good]);
        scene.took(elapsed, timeout);
      }
    },
  ),

  'F02: map gives the results in the order of the items': withExecutor(
    { maxWorkers: 3 },
    function* (executor, _gate, { task }) {
      const items = Array.from({ length: 20 }, (_, n) => n);
      const expected = items.map((n) => 2 * n);
      for (const options of [{}, { chunksize: 3 }, { chunksize: 100 }, { timeout: 7000 }]) {
        assert.equal(yield* until(Promise.resolve(executor.map(task('double'), items, options))), expected);
        assert.equal(yield* collected(executor.map(task('double'), new Set(items), options)), [
          expected,
          'nothing',
        ]);
      }
      assert.equal(yield* until(Promise.resolve(executor.map(task('double'), []))), []);
      const delays = [30, 1, 15, 0];
      assert.equal(
        yield* collected(executor.map(task('pause'), delays)),
        [delays, 'nothing'],
        'the last is done first',
      );
    },
  ),

  'F02: an error of map comes in its place, after the results before it': withExecutor(
    { maxWorkers: 2 },
    function* (executor, _gate, { task }) {
      for (const options of [{}, { chunksize: 2 }, { chunksize: 10 }]) {
        const results = yield* collected(executor.map(task('inverse'), [2, 4, 0, 8], options));
        assert.equal(results, [[0.5, 0.25], 'RangeError']);
      }
      const all = until(Promise.resolve(executor.map(task('inverse'), [2, 0])));
      assert.is(yield* thrown(() => all), 'RangeError');
    },
  ),

  'map within a time: a TimeoutError in the place of the first that is not there': withExecutor(
    { maxWorkers: 3 },
    function* (executor, _gate, { task }) {
      const [results, error] = yield* collected(executor.map(task('pause'), [0, 0, 1500], { timeout: 700 }));
      assert.equal(results, [0, 0]);
      assert.is(error, 'TimeoutError');
    },
  ),

  'map starts its tasks before anybody takes a result, and a wrong size is a RangeError': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task }, scene) {
      const results = executor.map(task('gated'), [gate, gate]);
      yield* scene.reaches(gate, CAME, 2);
      count(gate, OPEN);
      yield* until(Promise.resolve(results));
      for (const chunksize of [0, -1]) {
        assert.is(yield* thrown(() => executor.map(task('double'), [1], { chunksize })), 'RangeError');
      }
    },
  ),

  'shutdown waits for what has been submitted': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task }, scene) {
      const futures = [1, 2, 3, 4, 5, 6].map((n) => executor.submit(task('gated'), gate, n));
      const waiter = scene.start(() => executor.shutdown());
      yield* scene.reaches(gate, CAME, 2);
      assert.is(waiter.done, false);
      assert.is(yield* thrown(() => executor.submit(task('double'), 1)), 'RuntimeError');
      count(gate, OPEN);
      yield* waiter.outcome();
      assert.is(read(gate, PASSED), 6);
      for (const future of futures) assert.is(future.done(), true);
      yield* executor.shutdown();
    },
  ),

  'shutdown that does not wait lets the tasks end': withExecutor(
    { maxWorkers: 1 },
    function* (executor, gate, { task }, scene) {
      const futures = [1, 2, 3].map((n) => executor.submit(task('gated'), gate, n));
      yield* scene.reaches(gate, CAME, 1);
      yield* executor.shutdown({ wait: false });
      assert.is(futures[0]?.done(), false);
      assert.is(yield* thrown(() => executor.submit(task('double'), 1)), 'RuntimeError');
      count(gate, OPEN);
      for (const [n, future] of futures.entries()) assert.is(yield* future, n + 1);
    },
  ),

  'shutdown with cancelFutures cancels what has not begun, and lets the rest end': withExecutor(
    { maxWorkers: 2 },
    function* (executor, gate, { task }, scene) {
      const futures = Array.from({ length: MANY }, (_, n) => executor.submit(task('gated'), gate, n));
      yield* scene.reaches(gate, CAME, 2);
      const waiter = scene.start(() => executor.shutdown({ cancelFutures: true }));
      yield* scene.settle();
      const cancelled = futures.filter((future) => future.cancelled());
      assert.ok(cancelled.length > MANY / 2, `${cancelled.length} of ${MANY} cancelled`);
      assert.ok(cancelled.length <= MANY - 2, `${cancelled.length} of ${MANY} cancelled, and two ran`);
      count(gate, OPEN);
      yield* waiter.outcome();
      for (const [n, future] of futures.entries()) {
        if (!future.cancelled()) assert.is(yield* future.result({ timeout: 0 }), n);
      }
      assert.is(read(gate, PASSED), MANY - cancelled.length);
    },
  ),

  *'await using shuts it down and waits'({ make, task }) {
    const executor = make({ maxWorkers: 2 });
    const future = yield* until(async () => {
      await using inside = executor;
      return [inside.submit(task('pause'), 10)];
    });
    assert.is(future[0]?.done(), true);
    assert.is(yield* thrown(() => executor.submit(task('double'), 1)), 'RuntimeError');
  },

  'shutdown after a cancel of the last task does not hang': withExecutor(
    { maxWorkers: 1 },
    function* (executor, _gate, { task }) {
      yield* executor.submit(task('double'), 1);
      executor.submit(task('double'), 1).cancel();
      yield* executor.shutdown();
    },
  ),

  'F17: the initializer has run in a worker before its first task': {
    when: (adapter) => adapter.initializes !== false,
    *body({ make, task }) {
      const executor = make({ maxWorkers: 2, initializer: task('initialize') });
      try {
        const futures = [1, 2, 3, 4].map(() => executor.submit(task('initialization')));
        for (const future of futures) assert.is(yield* future, 'initialized');
      } finally {
        yield* executor.shutdown();
      }
    },
  },

  'F17: an initializer that fails: BrokenExecutor for what waits and what comes': {
    when: (adapter) => adapter.initializes !== false,
    *body({ make, task }, scene) {
      const executor = make({ maxWorkers: 2, initializer: task('failToInitialize') });
      // Whether its error is reported as well is not promised.
      yield* reported(function* () {
        try {
          const futures = [1, 2, 3].map(() => executor.submit(task('initialization')));
          for (const future of futures) assert.is(yield* thrown(() => future), 'BrokenExecutor');
          assert.is(yield* thrown(() => executor.submit(task('initialization'))), 'BrokenExecutor');
        } finally {
          yield* executor.shutdown();
          yield* scene.settle();
        }
      });
    },
  },
};

/** Holds an executor and its futures to their contract: cases F01 to F17, save what is about processes. */
export function futureContract(adapter: ExecutorAdapter): void {
  hold(futureCases, adapter);
}
