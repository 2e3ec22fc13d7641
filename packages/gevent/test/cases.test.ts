/** The promises P13 to P39 of gevent, each as the originals' suites hold it. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AsyncResult,
  BoundedSemaphore,
  type Coroutine,
  Event,
  Greenlet,
  GreenletExit,
  joinall,
  JoinableQueue,
  Pool,
  Queue,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  withTimeout,
} from '../src/index.ts';
import { flags, Log, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('cases');

test('P13 what is spawned runs after the spawner, in order of spawning', function* () {
  const log = new Log();
  const greenlets = [0, 1, 2, 3, 4].map((n) => spawn(() => log.add(n)));
  log.add('main');
  yield* joinall(greenlets);
  assert.is(log.take(), 'main, 0, 1, 2, 3, 4');
});

test('P14 spawning what is no function is a TypeError at once', () => {
  for (const verb of [
    () => spawn(5 as never),
    () => spawnLater(1, 1 as never),
    () => Greenlet.spawn('x' as never),
    () => new Greenlet({} as never),
  ]) {
    assert.instance(thrownBy(verb), TypeError);
  }
});

test('P15 the flags of a greenlet that is unstarted, scheduled, running and done', function* () {
  let within = '';
  const g: Greenlet<number> = new Greenlet<number>(function* (): Coroutine<number> {
    within = `${flags(g)} ${g.active}`;
    yield* sleep(0);
    return 7;
  });
  // started, dead, ready, successful
  assert.is(flags(g), 'FFFF');
  assert.is(g.value, undefined);
  g.start();
  assert.is(flags(g), 'TFFF', 'scheduled');
  assert.is(g.active, false, 'its body has not begun');
  yield* sleep(0);
  assert.is(within, 'TFFF true', 'running');
  assert.is(g.value, undefined);
  yield* g.join();
  assert.is(flags(g), 'FTTT', 'done');
  assert.is(g.value, 7);
  assert.is(g.exception, undefined);
});

test('P16 a greenlet that fails is ready, not successful, without a value, and keeps its error', function* () {
  const error = new RangeError('no');
  const g = spawn(() => {
    throw error;
  });
  yield* g.join();
  assert.is(flags(g), 'FTTF');
  assert.is(g.value, undefined);
  assert.is(g.exception, error);
});

test('P17 two greenlets that sleep(0) between A and B', function* () {
  const log = new Log();
  function* body(n: number): Coroutine {
    log.add(`${n}A`);
    yield* sleep(0);
    log.add(`${n}B`);
  }
  yield* joinall([spawn(body, 1), spawn(body, 2)]);
  assert.is(log.take(), '1A, 2A, 1B, 2B');
});

test('P18 a thousand links run in order, and before a join that came after them returns', function* () {
  const seen: number[] = [];
  const g = spawn(() => undefined);
  for (let n = 0; n < 1000; n++) g.link(() => seen.push(n));
  yield* g.join();
  assert.equal(
    seen,
    Array.from({ length: 1000 }, (_, n) => n),
  );
});

test('P19 a link to an AsyncResult, before and after the end, takes over the value', function* () {
  const before = new AsyncResult<number>();
  const after = new AsyncResult<number>();
  const g = spawn(() => 5);
  g.link(before);
  assert.is(yield* before.get(), 5);
  g.link(after);
  assert.is(after.ready(), false, 'never inside of link itself');
  assert.is(yield* after.get(), 5);
});

test('P19 on failure the AsyncResult has the same error', function* () {
  const error = new Error('same');
  const before = new AsyncResult();
  const after = new AsyncResult();
  const g = spawn(() => {
    throw error;
  });
  g.link(before);
  assert.is(yield* thrownIn(before.get()), error);
  g.link(after);
  assert.is(yield* thrownIn(after.get()), error);
});

test('P20 linkValue and linkException: only the fitting one fires', function* () {
  const log = new Log();
  const fine = spawn(() => 1);
  const fails = spawn(() => {
    throw new Error('x');
  });
  const results: AsyncResult<never>[] = [];
  for (const g of [fine, fails]) {
    g.linkValue(() => log.add(g === fine ? 'fine' : 'fails', 'value'));
    g.linkException(() => log.add(g === fine ? 'fine' : 'fails', 'exception'));
    for (const verb of ['linkValue', 'linkException'] as const) {
      const result = new AsyncResult<never>();
      g[verb](result);
      results.push(result);
    }
  }
  yield* joinall([fine, fails]);
  assert.is(log.take(), 'fine value, fails exception');
  assert.equal(
    results.map((result) => result.ready()),
    [true, false, false, true],
  );
});

test(
  'P21 get with a timeout on a sleeper is a Timeout',
  timed(function* () {
    const sleeper = spawn(() => sleep(1000));
    assert.instance(yield* thrownIn(sleeper.get({ timeout: 10 })), Timeout);
    assert.is(sleeper.dead, false);
    yield* sleeper.kill();
  }),
);

test('P21 get without blocking is a Timeout', { switches: false }, function* () {
  assert.instance(yield* thrownIn(new Greenlet(() => 1).get({ block: false })), Timeout);
  assert.instance(yield* thrownIn(new AsyncResult().get({ block: false })), Timeout);
});

test(
  'P22 join with a timeout on a sleeper returns nothing, and the sleeper lives',
  timed(function* () {
    const sleeper = spawn(() => sleep(1000));
    assert.is(yield* sleeper.join({ timeout: 10 }), undefined);
    assert.is(sleeper.dead, false);
    yield* sleeper.kill();
  }),
);

test(
  'P23 joinall with raiseError throws the error that came first',
  timed(function* () {
    function* failAfter(ms: number, message: string): Coroutine {
      yield* sleep(ms);
      throw new Error(message);
    }
    const late = spawn(failAfter, 20, 'late');
    const early = spawn(failAfter, 10, 'early');
    const error = yield* thrownIn(joinall([late, early], { raiseError: true }));
    assert.is((error as Error).message, 'early');
    assert.is(late.dead, false, 'the other one runs on');
    yield* late.join();
  }),
);

test(
  'P24 joinall with count 1 returns the failed one only',
  timed(function* () {
    const sleeper = spawn(() => sleep(1000));
    const failing = spawn(() => {
      throw new Error('x');
    });
    assert.equal(yield* joinall([sleeper, failing], { count: 1 }), [failing]);
    yield* sleeper.kill();
  }),
);

test(
  'P25 a killed sleeper was successful, its value is the exit, and nothing is reported',
  timed(function* () {
    const sleeper = spawn(() => sleep(1000));
    yield* sleep(0);
    assert.is(yield* sleeper.kill(), undefined);
    assert.is(flags(sleeper), 'FTTT');
    assert.instance(sleeper.value, GreenletExit);
  }),
);

test(
  'P26 killed with an error it has failed with that very error, which get throws',
  timed(function* () {
    const error = new Error('mine');
    const sleeper = spawn(() => sleep(1000));
    yield* sleep(0);
    yield* sleeper.kill(error);
    assert.is(sleeper.successful(), false);
    assert.is(sleeper.exception, error);
    assert.is(yield* thrownIn(sleeper.get()), error);
    assert.is(yield* thrownIn(sleeper.get()), error, 'each time');
  }),
);

test(
  'P27 one that catches the exit and goes on: kill returns only after its end',
  timed(function* () {
    const log = new Log();
    const g = spawn(function* () {
      try {
        log.add('start');
        yield* sleep(1000);
      } catch {
        log.add('except');
      }
      yield* sleep(10);
      log.add('finished');
    });
    yield* sleep(0);
    yield* g.kill();
    log.add('killed');
    assert.is(log.take(), 'start, except, finished, killed');
  }),
);

test('P28 a kill right after the spawn: the body never runs, the links do', function* () {
  const log = new Log();
  const g = spawn(() => log.add('body'));
  g.link(() => log.add('link'));
  g.rawlink(() => log.add('rawlink'));
  yield* g.kill();
  assert.is(flags(g), 'FTTT');
  assert.instance(g.value, GreenletExit);
  assert.is(log.take(), '', 'the links are told in a turn of their own');
  yield* sleep(0);
  assert.is(log.take(), 'link, rawlink');
});

test(
  'P29 what a timeout throws is itself, or the instance or class it was given',
  timed(function* () {
    function* expire(error?: unknown): Coroutine<{ timeout: Timeout; thrown: unknown }> {
      using timeout = Timeout.start(10, error);
      return { timeout, thrown: yield* thrownIn(sleep(1000)) };
    }
    const own = yield* expire();
    assert.is(own.thrown, own.timeout);
    const error = new RangeError('given');
    assert.is((yield* expire(error)).thrown, error);
    assert.instance((yield* expire(SyntaxError)).thrown, SyntaxError);
  }),
);

test(
  'P30 a timeout that is cancelled, or has no time, or came too late throws nothing',
  timed(function* () {
    const cancelled = Timeout.start(10);
    cancelled.cancel();
    yield* sleep(20);
    {
      using never = Timeout.start(null);
      yield* sleep(20);
      assert.is(never.pending, false);
    }
    {
      using early = Timeout.start(10);
      yield* sleep(5);
      assert.is(early.pending, true);
    }
    yield* sleep(20);
    // The silent form: the block just ends.
    assert.is(yield* withTimeout(10, () => sleep(1000), { value: undefined }), undefined);
  }),
);

test(
  'P31 withTimeout gives the value on expiry and the result otherwise',
  timed(function* () {
    assert.is(yield* withTimeout(10, () => sleep(1000), { value: 'late' }), 'late');
    assert.is(yield* withTimeout(10, () => 'result', { value: 'late' }), 'result');
    assert.instance(yield* thrownIn(withTimeout(10, () => sleep(1000))), Timeout);
  }),
);

test(
  'P32 an event that is set wakes all who wait, in order, with true; a timed wait gives false',
  timed(function* () {
    const log = new Log();
    const event = new Event();
    const waiters = [1, 2, 3].map((n) =>
      spawn(function* () {
        log.add(n, yield* event.wait());
      }),
    );
    assert.is(yield* event.wait({ timeout: 10 }), false);
    event.set();
    yield* joinall(waiters);
    assert.is(log.take(), '1 true, 2 true, 3 true');
  }),
);

test('P33 an AsyncResult gives its value to those who wait and those who come later', function* () {
  const result = new AsyncResult<string>();
  const now = spawn(() => result.get());
  yield* sleep(0);
  result.set('v');
  assert.is(yield* now, 'v');
  assert.is(yield* result.get(), 'v');
});

test('P33 after setException get throws and wait gives nothing', function* () {
  const error = new Error('e');
  const result = new AsyncResult<string>();
  const now = spawn(() => result.get());
  yield* sleep(0);
  result.setException(error);
  assert.is(yield* thrownIn(now.get()), error);
  assert.is(yield* thrownIn(result.get()), error);
  assert.is(yield* result.wait(), undefined);
});

test(
  'P34 acquire with a timeout is false when there is no permit',
  timed(function* () {
    assert.is(yield* new Semaphore(0).acquire({ timeout: 10 }), false);
  }),
);

test('P34 a bounded semaphore does not take a permit too many', () => {
  const error = thrownBy(() => new BoundedSemaphore(1).release());
  assert.instance(error, RangeError);
});

test('P35 the third put into a queue of two waits for a get; the order is kept', function* () {
  const log = new Log();
  const queue = new Queue<string>(2);
  const putter = spawn(function* () {
    for (const item of ['a', 'b', 'c']) {
      yield* queue.put(item);
      log.add('put', item);
    }
  });
  yield* sleep(0);
  yield* sleep(0);
  assert.is(log.take(), 'put a, put b');
  for (let n = 0; n < 3; n++) log.add(yield* queue.get());
  yield* putter;
  assert.is(log.take(), 'a, b, put c, c');
});

test('P36 four getters and four puts: each gets one', function* () {
  const queue = new Queue<number>();
  const getters = [0, 1, 2, 3].map(() => spawn(() => queue.get()));
  yield* sleep(0);
  for (const n of [0, 1, 2, 3]) queue.putNowait(n);
  yield* joinall(getters);
  assert.equal(
    getters.map((getter) => getter.value),
    [0, 1, 2, 3],
  );
});

test('P37 a joinable queue is joined when all is done; one taskDone too many is an error', function* () {
  const queue = new JoinableQueue<number>();
  assert.is(yield* queue.join(), true, 'nothing to wait for');
  const log = new Log();
  for (const n of [1, 2]) queue.putNowait(n);
  const joiner = spawn(function* () {
    yield* queue.join();
    log.add('joined');
  });
  for (const _ of [1, 2]) {
    yield* queue.get();
    yield* sleep(0);
    log.add('done');
    queue.taskDone();
  }
  yield* joiner;
  assert.is(log.take(), 'done, done, joined');
  assert.instance(
    thrownBy(() => queue.taskDone()),
    RangeError,
  );
});

test(
  'P38 the second spawn of a pool of one waits for the first',
  timed(function* () {
    const log = new Log();
    const pool = new Pool(1);
    assert.is(`${pool.freeCount()} ${pool.size} ${pool.full()}`, '1 0 false');
    for (const n of [1, 2]) {
      yield* pool.spawn(function* () {
        yield* sleep(10);
        log.add('end', n);
      });
      log.add('spawned', n);
      assert.is(`${pool.freeCount()} ${pool.size} ${pool.full()}`, '0 1 true');
    }
    yield* pool.join();
    assert.is(`${pool.freeCount()} ${pool.size} ${pool.full()}`, '1 0 false');
    assert.is(log.take(), 'spawned 1, end 1, spawned 2, end 2');
  }),
);

test('P38 a negative size is an error', () => {
  const error = thrownBy(() => new Pool(-1));
  assert.instance(error, RangeError);
  assert.match(error.message, 'got -1');
});

test(
  'P39 map and imap are in order, imapUnordered is in order of completion',
  timed(function* () {
    const pool = new Pool(3);
    function* slow(n: number): Coroutine<number> {
      yield* sleep(n * 10);
      return n;
    }
    assert.equal(yield* pool.map(slow, [3, 1, 2]), [3, 1, 2]);
    function* all(it: { next(): Iterable<unknown> }): Coroutine<unknown[]> {
      const seen: unknown[] = [];
      for (;;) {
        const { done, value } = yield* it.next() as unknown as Coroutine<IteratorResult<unknown>>;
        if (done) return seen;
        seen.push(value);
      }
    }
    assert.equal(yield* all(pool.imap(slow, [3, 1, 2])), [3, 1, 2]);
    assert.equal(yield* all(pool.imapUnordered(slow, [3, 1, 2])), [1, 2, 3]);
  }),
);

test.run();
