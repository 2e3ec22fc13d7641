/** GreenletPoolExecutor, and with it what all executors share. Cases F01, F14 and F17. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, isInterrupt, shield, sleep, Timeout, until, withTimeout } from '@switchyard/hub';
import { getcurrent, kill, spawn } from '@switchyard/gevent';
import { currentTask } from '@switchyard/remote';
import { asCompleted } from '../src/as-completed.ts';
import { BrokenExecutor, CancelledError, RuntimeError, TimeoutError } from '../src/errors.ts';
import { Executor } from '../src/executor.ts';
import type { Work } from '../src/executor-work.ts';
import type { Future } from '../src/future.ts';
import { GreenletPoolExecutor } from '../src/greenlet-pool.ts';
import { wait } from '../src/wait.ts';
import { rejection, reported, thrownBy, thrownIn, timed } from './future-support.ts';

const test = suite('GreenletPoolExecutor');

function* after<T>(ms: number, value: T): Coroutine<T> {
  yield* sleep(ms);
  return value;
}

test('F01: generator, async and plain functions, with their arguments', async () => {
  await using pool = new GreenletPoolExecutor();
  const one: Future<number> = pool.submit(after<number>, 1, 7);
  const two: Future<string> = pool.submit(async (word: string) => word.toUpperCase(), 'x');
  const three: Future<number> = pool.submit((a: number, b: number) => a + b, 1, 2);
  const four: Future<boolean> = pool.submit(() => shield(() => true));
  assert.equal([await one, await two, await three, await four], [7, 'X', 3, true]);
  assert.is(await rejection(pool.submit(() => JSON.parse('{') as number)).then((e) => e.name), 'SyntaxError');
});

test(
  'nothing runs inside of submit; tasks begin in the order of their submits, so many at a time',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 3 });
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const futures = Array.from({ length: 10 }, (_, at) =>
      pool.submit(function* () {
        log.push(`${at}`);
        most = Math.max(most, ++running);
        yield* sleep(10 - at);
        running--;
      }),
    );
    assert.equal(log, []);
    assert.is(futures[0]!.state, 'PENDING');
    yield* sleep(1);
    assert.equal(log, ['0', '1', '2']);
    assert.equal(
      futures.slice(0, 4).map((future) => future.state),
      ['RUNNING', 'RUNNING', 'RUNNING', 'PENDING'],
    );
    yield* pool.shutdown();
    assert.is(log.join(''), '0123456789');
    assert.is(most, 3);
  }),
);

test('F14: the number of workers', () => {
  for (const maxWorkers of [0, -1, 1.5, NaN, '2' as never]) {
    const error = thrownBy(() => new GreenletPoolExecutor({ maxWorkers }));
    assert.instance(error, RangeError);
    assert.match(
      error.message,
      'Expected a whole number from 1 up as the maxWorkers of GreenletPoolExecutor',
    );
  }
});

test(
  'F01: after shutdown nothing is accepted, at once; what was submitted runs to its end',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    const futures = [1, 2, 3].map((n) => pool.submit(after<number>, 10, n));
    // Nobody waits for it.
    void pool.shutdown({ wait: false });
    for (const action of [() => pool.submit(after<number>, 1, 1), () => pool.map(() => 1, [1])]) {
      const error = thrownBy(action);
      assert.instance(error, RuntimeError);
      assert.is(error.message, 'cannot schedule new futures after shutdown');
    }
    yield* pool.shutdown({ wait: false });
    assert.is(futures[0]!.done(), false);
    yield* pool.shutdown();
    assert.equal([yield* futures[0]!, yield* futures[1]!, yield* futures[2]!], [1, 2, 3]);
    yield* pool.shutdown();
    yield* new GreenletPoolExecutor().shutdown();
  }),
);

test(
  'shutdown with cancelFutures cancels what has not begun',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    const futures = [1, 2, 3, 4].map((n) => pool.submit(after<number>, 10, n));
    yield* sleep(1);
    yield* pool.shutdown({ cancelFutures: true });
    assert.equal(
      futures.map((future) => future.state),
      ['FINISHED', 'FINISHED', 'CANCELLED_AND_NOTIFIED', 'CANCELLED_AND_NOTIFIED'],
    );
    const other = new GreenletPoolExecutor({ maxWorkers: 2 });
    let ran = 0;
    const early = [1, 2, 3].map(() => other.submit(() => ran++));
    yield* other.shutdown({ cancelFutures: true });
    assert.ok(early.every((future) => future.cancelled()));
    assert.is(ran, 0);
  }),
);

test(
  'a wait for the shutdown that is given up changes nothing',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const future = pool.submit(after<number>, 50, 1);
    assert.instance(yield* thrownIn(withTimeout(10, () => pool.shutdown())), Timeout);
    const waiting = spawn(() => pool.shutdown());
    yield* sleep(1);
    yield* waiting.kill();
    assert.is(yield* future, 1);
    yield* pool.shutdown();
  }),
);

test(
  'cancel: a pending one never runs, and its place goes to the next',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    const ran: string[] = [];
    const [placed, queued, last] = ['a', 'b', 'c'].map((name) => pool.submit(() => ran.push(name)));
    assert.is(placed!.cancel(), true);
    assert.is(queued!.cancel(), true);
    assert.is(yield* last!, 1);
    assert.equal(ran, ['c']);
    assert.is(last!.cancel(), false);
    assert.equal([placed!.state, queued!.state], ['CANCELLED_AND_NOTIFIED', 'CANCELLED_AND_NOTIFIED']);
    yield* pool.shutdown();
  }),
);

test(
  'kill: aborts the signal, throws into the greenlet, waits for its cleanup',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    const log: unknown[] = [];
    const reason = new Error('not needed any more');
    const future = pool.submit(function* () {
      const { signal } = currentTask();
      signal.addEventListener('abort', () => log.push((signal.reason as Error).cause === reason));
      try {
        yield* sleep(1000);
      } catch (error) {
        log.push(isInterrupt(error), currentTask().cancelled);
        throw error;
      } finally {
        yield* sleep(20);
        log.push('cleaned');
      }
    });
    const next = pool.submit(after<string>, 1, 'next');
    yield* sleep(5);
    assert.is(future.kill(reason), true);
    assert.equal(log, []);
    yield* sleep(10);
    assert.is(future.done(), false);
    const error = yield* thrownIn(future);
    assert.instance(error, CancelledError);
    assert.match(error.message, /was killed: not needed any more$/);
    assert.is(error.cause, reason);
    assert.equal(log, [true, true, true, 'cleaned']);
    assert.is(future.cancelled(), true);
    assert.is(future.kill(), false);
    assert.is(yield* next, 'next');
    assert.is(pool.stats().cancelled, 1);
  }),
);

test(
  'kill: one that does not stop within the grace time is left alone, and its place is free',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1, grace: 30 });
    function* stubborn(): Coroutine {
      for (let n = 0; n < 10; n++) {
        try {
          yield* sleep(20);
        } catch {
          // Whatever comes.
        }
      }
    }
    const future = pool.submit(stubborn);
    const shielded = pool.submit(() => shield(() => sleep(500)));
    const last = pool.submit(after<number>, 1, 1);
    yield* sleep(5);
    future.kill();
    yield* sleep(29);
    assert.is(future.done(), false);
    yield* sleep(2);
    assert.is(future.cancelled(), true);
    assert.is(shielded.running(), true);
    shielded.kill('no time', { grace: 0 });
    assert.is(yield* last, 1);
    assert.match((yield* thrownIn(shielded)).message, 'was killed: no time');
    yield* pool.shutdown();
    yield* sleep(1000);
  }),
);

test(
  'kill: a second one can shorten the grace time; the first reason stays',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const future = pool.submit(() => shield(() => sleep(500)));
    yield* sleep(1);
    future.kill('first', { grace: Infinity });
    yield* sleep(20);
    future.kill('second', { grace: 10 });
    yield* sleep(9);
    assert.is(future.done(), false);
    yield* sleep(2);
    assert.match((yield* thrownIn(future)).message, 'first');
    yield* sleep(600);
  }),
);

test(
  'kill: what goes wrong in the cleanup is not lost; a value comes too late',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const bad = pool.submit(function* () {
      try {
        yield* sleep(100);
      } finally {
        throw new RangeError('of the cleanup'); // oxlint-disable-line no-unsafe-finally
      }
    });
    const late = pool.submit(function* () {
      try {
        yield* sleep(100);
      } catch {
        return 'too late';
      }
    });
    const asked = pool.submit(function* () {
      try {
        yield* sleep(100);
      } finally {
        currentTask().throwIfCancelled();
      }
    });
    yield* sleep(1);
    for (const future of [bad, late, asked]) (future as Future<unknown>).kill();
    assert.is(((yield* thrownIn(bad)).cause as Error).message, 'of the cleanup');
    assert.instance(yield* thrownIn(late), CancelledError);
    assert.is((yield* thrownIn(asked)).cause, undefined);
  }),
);

test(
  'a task that somebody else kills is cancelled; one that ends itself too',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    let greenlet: unknown = null;
    const future = pool.submit(function* () {
      greenlet = getcurrent();
      yield* sleep(100);
    });
    const self: Future<unknown> = pool.submit(function* (): Coroutine {
      self.kill('myself');
      yield* sleep(100);
    });
    yield* sleep(1);
    yield* kill(greenlet as never);
    assert.instance(yield* thrownIn(future), CancelledError);
    assert.match((yield* thrownIn(self)).message, 'myself');
    yield* pool.shutdown();
  }),
);

test(
  'a time limit counts from the start, and is a TimeoutError',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1, taskTimeout: 50 });
    const log: string[] = [];
    const first = pool.submit(after<number>, 40, 1);
    const second = pool.submitWith({ name: 'slow', timeout: 30 }, function* () {
      try {
        yield* sleep(100);
      } finally {
        log.push((currentTask().signal.reason as Error).name);
        yield* sleep(5);
        log.push('cleaned');
      }
    });
    const third = pool.submit(after<number>, 60, 1);
    const fourth = pool.submitWith({ timeout: null }, after<number>, 60, 1);
    assert.is(yield* first, 1);
    const error = yield* thrownIn(second);
    assert.instance(error, TimeoutError);
    assert.is(error.message, 'task slow ran longer than its 30 ms');
    assert.equal(log, ['TimeoutError', 'cleaned']);
    assert.is(second.state, 'FINISHED');
    assert.match((yield* thrownIn(third)).message, 'ran longer than its 50 ms');
    assert.is(yield* fourth, 1);
    assert.is(pool.stats().failed, 2);
  }),
);

test(
  'a signal from outside cancels and kills',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const runs = pool.submitWith({ signal }, after<number>, 100, 1);
    const waits = pool.submitWith({ signal }, after<number>, 100, 1);
    const apart = pool.submit(after<number>, 1, 5);
    yield* sleep(1);
    controller.abort(new Error('of the caller'));
    assert.is(((yield* thrownIn(runs)).cause as Error).message, 'of the caller');
    assert.match((yield* thrownIn(waits)).message, 'was cancelled before it began: of the caller');
    assert.is(yield* apart, 5);
    const never = pool.submitWith({ signal }, () => assert.unreachable());
    assert.is(never.cancelled(), true);
    // Its end takes the listener back.
    const other = new AbortController();
    yield* pool.submitWith({ signal: other.signal }, () => 1);
    other.abort();
    yield* pool.shutdown();
  }),
);

test(
  'progress and the name of a task',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const events: unknown[] = [];
    const future = pool.submitWith(
      { name: 'count', onProgress: (event) => events.push(event) },
      function* (to: number) {
        for (let n = 1; n <= to; n++) {
          currentTask().emit(n);
          yield* sleep(1);
        }
        return currentTask().name;
      },
      3,
    );
    assert.is(yield* future, 'count');
    assert.equal(events, [1, 2, 3]);
    assert.is(
      yield* pool.submit(function named() {
        return currentTask().name;
      }),
      'named',
    );
    assert.is(currentTask().name, 'none');
  }),
);

test(
  'a task is itself, also in what it starts, and has the async context of its submit',
  timed(function* () {
    const storage = new AsyncLocalStorage<number>();
    const pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    const futures = Array.from({ length: 6 }, (_, at) =>
      storage.run(at, () =>
        pool.submitWith({ name: `t${at}` }, function* () {
          yield* sleep(6 - at);
          const inner = spawn(() => currentTask().name);
          return `${currentTask().name} ${yield* inner} ${storage.getStore()}`;
        }),
      ),
    );
    for (const [at, future] of futures.entries()) assert.is(yield* future, `t${at} t${at} ${at}`);
    assert.is(storage.getStore(), undefined);
  }),
);

test(
  'F17: the initializer runs once, before the first task; a failing one breaks the pool',
  timed(function* () {
    const log: unknown[] = [];
    const pool = new GreenletPoolExecutor({
      maxWorkers: 2,
      initializer: function* (...words: string[]): Coroutine {
        yield* sleep(10);
        log.push(...words);
      },
      initargs: ['a', 'b'],
    });
    const futures = [1, 2, 3].map((n) => pool.submit(() => log.push(n)));
    yield* wait(futures);
    assert.equal(log, ['a', 'b', 1, 2, 3]);

    const cause = new RangeError('no database');
    const broken = new GreenletPoolExecutor({
      initializer: async () => {
        throw cause;
      },
    });
    const pending = [1, 2].map(() => broken.submit(() => assert.unreachable()));
    for (const future of pending) {
      const error = yield* thrownIn(future);
      assert.instance(error, BrokenExecutor);
      assert.is(error.cause, cause);
      assert.is((error as BrokenExecutor).exitCode, null);
    }
    assert.instance(
      thrownBy(() => broken.submit(() => 1)),
      BrokenExecutor,
    );
    yield* broken.shutdown();
  }),
);

test(
  'statistics',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    for (let n = 0; n < 4; n++) void pool.submit(after<number>, 100, n);
    const fails = pool.submit(function* () {
      yield* sleep(50);
      throw new Error('x');
    });
    yield* sleep(50);
    const early = pool.stats();
    assert.equal(
      [early.submitted, early.pending, early.running, early.workers, early.utilisation],
      [5, 3, 2, 2, 1],
    );
    yield* thrownIn(fails);
    yield* sleep(50);
    const { runTime, waitTime, ...rest } = pool.stats();
    assert.equal(rest, {
      submitted: 5,
      completed: 4,
      failed: 1,
      cancelled: 0,
      pending: 0,
      running: 0,
      workers: 2,
      utilisation: 450 / 600,
    });
    assert.equal([runTime.count, runTime.min, runTime.max, runTime.mean], [5, 50, 100, 90]);
    assert.equal([waitTime.count, waitTime.min, waitTime.max], [5, 0, 200]);
    assert.ok(Math.abs(runTime.p50 - 100) < 3 && runTime.p99 <= 100, `${runTime.p50} ${runTime.p99}`);
    assert.ok(Math.abs(waitTime.p50 - 100) < 3.2, `${waitTime.p50}`);
  }),
);

test('bad input is told before any work', async () => {
  const pool = new GreenletPoolExecutor();
  const fn = (): number => 1;
  for (const [action, message] of [
    [
      () => pool.submit(undefined as never),
      'Expected a function for submit, as in submit(fn, x), got nothing',
    ],
    [
      () => pool.submit(after(1, 1) as never),
      'Expected a function for submit, as in submit(fn, x), got an object',
    ],
    [() => pool.submitWith(fn as never, fn), 'Expected options before the function for submitWith'],
    [() => pool.submitWith({ timeout: -5 }, fn), 'as the timeout of submitWith, got -5'],
    [() => pool.submitWith({ grace: NaN }, fn), 'as the grace of submitWith, got NaN'],
    [
      () => pool.submitWith({ signal: {} as never }, fn),
      'Expected an AbortSignal as the signal of submitWith',
    ],
    [
      () => pool.submitWith({ onProgress: 5 as never }, fn),
      'Expected a function as onProgress of submitWith, got 5',
    ],
    [
      () => pool.submitWith({ name: 5 as never }, fn),
      'Expected a string as the name given to submitWith, got 5',
    ],
    [
      () => pool.submitWith({}, 'x' as never),
      'Expected a function for submitWith, as in submitWith(fn, x), got "x"',
    ],
    [() => new GreenletPoolExecutor(5 as never), 'Expected an options object for GreenletPoolExecutor'],
    [() => new GreenletPoolExecutor({ initializer: 5 as never }), 'Expected a function as the initializer'],
    [() => new GreenletPoolExecutor({ initargs: 5 as never }), 'Expected an array as the initargs'],
    [() => new GreenletPoolExecutor({ taskTimeout: -1 }), 'got -1'],
    [() => new GreenletPoolExecutor({ grace: -1 }), 'as the grace of GreenletPoolExecutor, got -1'],
  ] as const) {
    const error = thrownBy(action);
    assert.instance(error, TypeError);
    assert.ok(error.message.includes(message), error.message);
  }
  assert.is(pool.stats().submitted, 0);
  await pool.shutdown();
});

test(
  'a task can submit to its own pool and wait for it when there is room',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    function* fib(n: number): Coroutine<number> {
      if (n < 2) return n;
      return (yield* pool.submit(() => n - 1)) + 1;
    }
    assert.is(yield* pool.submit(fib, 10), 10);
    yield* pool.shutdown();
  }),
);

test(
  'one that was left alone and fails later is reported',
  timed(function* () {
    const told = yield* reported(function* () {
      const pool = new GreenletPoolExecutor({ grace: 0 });
      const future = pool.submit(() =>
        shield(function* () {
          yield* sleep(50);
          throw new Error('much later');
        }),
      );
      yield* sleep(1);
      future.kill();
      yield* thrownIn(future);
      yield* sleep(100);
    });
    assert.equal(told, ['much later']);
  }),
);

test('await using waits for the end', async () => {
  let done = 0;
  {
    await using pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    for (let n = 0; n < 5; n++) pool.submit(() => after(1, n)).addDoneCallback(() => void done++);
  }
  await until(Promise.resolve());
  assert.is(done, 5);
});

test('100,000 tasks', { timeout: 30_000 }, async () => {
  const pool = new GreenletPoolExecutor({ maxWorkers: 100 });
  const futures = Array.from({ length: 100_000 }, (_, n) => pool.submit((x: number) => x, n));
  let sum = 0;
  for await (const future of asCompleted(futures)) {
    const value = await future;
    sum += value;
  }
  assert.is(sum, (100_000 * 99_999) / 2);
  await pool.shutdown();
  assert.is(pool.stats().completed, 100_000);
});

/** An executor whose one worker is the test. */
class ByHand extends Executor {
  readonly log: string[] = [];

  // Given out by the test, not as they come.
  protected override dispatch(): void {}

  protected override ask(work: Work, reason: Error): void {
    this.log.push(`ask ${work.future.name}: ${reason.message}`);
  }

  protected override destroy(work: Work): void {
    this.log.push(`destroy ${work.future.name}`);
    this.killed(work, undefined);
  }

  protected override close(): Promise<void> {
    this.log.push('close');
    return Promise.resolve();
  }

  give(): Work {
    const work = this.next() as Work;
    this.claim(work);
    return work;
  }

  override giveBack(work: Work): void {
    super.giveBack(work);
  }

  override started(work: Work): void {
    super.started(work);
  }

  override succeeded(work: Work, value: unknown): void {
    super.succeeded(work, value);
  }

  override failed(work: Work, error: unknown): void {
    super.failed(work, error);
  }

  override breakDown(error: BrokenExecutor): void {
    super.breakDown(error);
  }
}

test(
  'the base: what is given back is the first again, and can be killed while nobody runs it',
  timed(function* () {
    const pool = new ByHand({});
    const [a, b, c] = ['a', 'b', 'c'].map((name) => pool.submitWith({ name }, () => 1)) as Future<number>[];
    const first = pool.give();
    pool.giveBack(first);
    assert.is(pool.give(), first);
    assert.is(a!.state, 'RUNNING');
    pool.giveBack(first);
    assert.is(a!.cancel(), false);
    assert.is(a!.kill('no need'), true);
    assert.match((yield* thrownIn(a!)).message, 'no need');
    assert.equal(pool.log, []);
    const second = pool.give();
    assert.is(second.future, b);
    pool.started(second);
    b!.kill('enough', { grace: 10 });
    yield* sleep(20);
    assert.equal(pool.log.splice(0), ['ask b: task b was killed: enough', 'destroy b']);
    // An answer that comes too late changes nothing.
    pool.succeeded(second, 5);
    pool.failed(second, new Error('x'));
    assert.is(b!.cancelled(), true);
    void pool.shutdown({ wait: false });
    pool.breakDown(new BrokenExecutor('worker 3 died', { exitCode: 9 }));
    const error = (yield* thrownIn(c!)) as BrokenExecutor;
    assert.equal([error.message, error.exitCode], ['worker 3 died', 9]);
    yield* pool.shutdown();
    assert.equal(pool.log, ['close']);
    const { submitted, failed, cancelled, pending, running } = pool.stats();
    assert.equal([submitted, failed, cancelled, pending, running], [3, 1, 2, 0, 0]);
  }),
);

test('submit is typed from end to end', async () => {
  const pool = new GreenletPoolExecutor();
  const text: Future<string> = pool.submit(async (n: number) => `${n}`, 1);
  // @ts-expect-error -- a string where the function takes a number
  const wrong = pool.submit((n: number) => n, 'x');
  // @ts-expect-error -- an argument is missing
  const missing = pool.submitWith({}, (n: number) => n);
  const results: number[] = await pool.map((word: string) => word.length, ['a', 'bc']);
  assert.equal(results, [1, 2]);
  await wait([text, wrong, missing]);
  await pool.shutdown();
});

test.run();
