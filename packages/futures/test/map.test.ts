/** map: case F02. On the greenlet pool, and with chunks on an executor that makes them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, sleep, Timeout, withTimeout } from '@switchyard/hub';
import { Queue, spawn } from '@switchyard/gevent';
import { CancelledError, TimeoutError } from '../src/errors.ts';
import type { Future } from '../src/future.ts';
import { GreenletPoolExecutor } from '../src/greenlet-pool.ts';
import { Histogram } from '../src/histogram.ts';
import type { MapResults } from '../src/map-results.ts';
import type { Chunk } from '../src/map-results-chunk.ts';
import { rejection, reported, thrownBy, thrownIn, timed, turn } from './future-support.ts';

const test = suite('map');

function* sleeps(ms: number): Coroutine<number> {
  yield* sleep(ms);
  if (ms % 10 === 7) throw new Error(`failed ${ms}`);
  return ms;
}

/** All that comes, an error by its message. */
function* everything(it: MapResults<unknown>): Coroutine<unknown[]> {
  const seen: unknown[] = [];
  try {
    for (;;) {
      const next = (yield* it.next()) as IteratorResult<unknown>;
      if (next.done === true) return seen;
      seen.push(next.value);
    }
  } catch (error) {
    return [...seen, (error as Error).message];
  }
}

/** Takes several items as one task, in this thread. */
class Chunked extends GreenletPoolExecutor {
  readonly chunks: number[] = [];

  override chunksizeFor(count: number | null, asked: number | undefined): number {
    return asked ?? (count === null ? 2 : Math.ceil(count / 4));
  }

  override submitChunk(target: (item: never) => unknown, items: unknown[]): Future<Chunk> {
    this.chunks.push(items.length);
    return this.submit(function* (): Coroutine<Chunk> {
      const values: unknown[] = [];
      try {
        for (const item of items) values.push(yield* target(item as never) as Coroutine<unknown>);
      } catch (error) {
        return { values, failure: { error } };
      }
      return { values, failure: null };
    });
  }
}

for (const chunksize of [1, 3]) {
  const named = (name: string): string => (chunksize === 1 ? name : `${name}, in chunks`);
  const make = (maxWorkers = 5): GreenletPoolExecutor =>
    chunksize === 1 ? new GreenletPoolExecutor({ maxWorkers }) : new Chunked({ maxWorkers });

  test(
    named('F02: keeps the order; an error comes in its place, and is the end'),
    timed(function* () {
      const pool = make();
      assert.equal(
        yield* everything(pool.map(sleeps, [30, 10, 20, 40, 5], { chunksize })),
        [30, 10, 20, 40, 5],
      );
      const it = pool.map(sleeps, [30, 10, 17, 20, 27], { chunksize });
      assert.equal(yield* everything(it), [30, 10, 'failed 17']);
      assert.is(((yield* it.next()) as IteratorResult<number>).done, true);
      assert.equal(yield* everything(pool.map(sleeps, [], { chunksize })), []);
      yield* pool.shutdown();
    }),
  );

  test(
    named('all at once'),
    timed(function* () {
      const pool = make();
      const results: number[] = yield* pool.map(sleeps, new Set([30, 10, 20, 40]), { chunksize });
      assert.equal(results, [30, 10, 20, 40]);
      assert.is((yield* thrownIn(pool.map(sleeps, [10, 27, 17], { chunksize }))).message, 'failed 27');
      const it = pool.map(sleeps, [1, 2, 3, 4], { chunksize });
      yield* it.next();
      assert.equal(yield* it, [2, 3, 4]);
      assert.equal(yield* it, [2, 3, 4]);
      // Two who wait for the same map have the same results, and the same error.
      for (const items of [
        [1, 2, 3, 4],
        [1, 7, 2],
      ]) {
        const shared = pool.map(sleeps, items, { chunksize });
        const waits = [1, 2].map(() => spawn(() => everythingOf(shared)));
        const [one, two] = [yield* waits[0]!, yield* waits[1]!];
        assert.equal(one, two);
        assert.equal(one, items.length === 4 ? items : 'failed 7');
      }
      yield* pool.shutdown();
    }),
  );

  test(named('in async code'), async () => {
    const pool = make();
    const seen: number[] = [];
    for await (const value of pool.map(sleeps, [3, 1, 2], { chunksize })) seen.push(value);
    assert.equal(seen, [3, 1, 2]);
    assert.equal(await pool.map(async (n: number) => n * 2, [3, 1, 2]), [6, 2, 4]);
    assert.is((await rejection(pool.map(sleeps, [1, 7], { chunksize }))).message, 'failed 7');
    await pool.shutdown();
  });

  test(
    named('the time counts from the call; what is there by then is given'),
    timed(function* () {
      const pool = make(1);
      const it = pool.map(sleeps, [10, 20, 100, 50], { timeout: 90, chunksize: 1 });
      yield* sleep(50);
      assert.equal(yield* everything(it), [
        10,
        20,
        'the next result of map is not there within 90 ms of the call',
      ]);
      assert.instance(yield* thrownIn(pool.map(sleeps, [100], { timeout: 5, chunksize })), TimeoutError);
      const late = pool.map(sleeps, [1, 500], { timeout: 300, chunksize: 1 });
      yield* sleep(400);
      assert.equal((yield* late.next()) as unknown, { done: false, value: 1 });
      assert.instance(yield* thrownIn(late.next()), TimeoutError);
      yield* pool.shutdown();
    }),
  );

  test(
    named('async items'),
    timed(function* () {
      const pool = make(2);
      async function* items(): AsyncGenerator<number> {
        for (const n of [5, 3, 4, 1]) {
          await Promise.resolve();
          yield n;
        }
      }
      assert.equal(yield* pool.map(sleeps, items(), { chunksize }), [5, 3, 4, 1]);
      assert.equal(yield* pool.map(sleeps, items(), { chunksize, buffersize: 1 }), [5, 3, 4, 1]);
      const queue = new Queue<number>();
      const results = spawn(() => pool.map(sleeps, queue, { chunksize, buffersize: 2 }));
      yield* sleep(10);
      for (const n of [1, 2, 3, 4]) queue.putNowait(n);
      queue.shutdown();
      assert.equal(yield* results, [1, 2, 3, 4]);
      yield* pool.shutdown();
    }),
  );
}

function* everythingOf(it: MapResults<number>): Coroutine<unknown> {
  try {
    return yield* it;
  } catch (error) {
    return (error as Error).message;
  }
}

test(
  'starts at the call, not with the first next',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const seen: number[] = [];
    const it = pool.map((n: number) => seen.push(n), [1, 2, 3]);
    assert.is(pool.stats().submitted, 3);
    yield* sleep(0);
    assert.equal(seen, [1, 2, 3]);
    yield* it;
  }),
);

test(
  'buffersize bounds how far it is ahead, and an endless source is fine',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 10 });
    let taken = 0;
    let closed = false;
    function* endless(): Generator<number> {
      try {
        for (;;) yield taken++;
      } finally {
        closed = true;
      }
    }
    const it = pool.map((n: number) => n, endless(), { buffersize: 3 });
    yield* sleep(10);
    assert.is(taken, 3);
    for (let n = 0; n < 5; n++) {
      assert.equal((yield* it.next()) as unknown, { done: false, value: n });
      assert.is(taken, 4 + n);
    }
    yield* sleep(10);
    assert.is(pool.stats().submitted, 8);
    void it.return();
    assert.is(closed, true);
    assert.is(((yield* it.next()) as IteratorResult<number>).done, true);
    yield* pool.shutdown();
  }),
);

test(
  'buffersize over an async source: backpressure, and its cleanup when the loop is left',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    const log: string[] = [];
    let taken = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (;;) yield taken++;
      } finally {
        log.push('closed');
      }
    }
    const it = pool.map((n: number) => n, endless(), { buffersize: 2 });
    yield* sleep(10);
    assert.is(taken, 2);
    yield* it.next();
    yield* sleep(10);
    assert.is(taken, 3);
    void it.return();
    yield* sleep(1);
    assert.equal(log, ['closed']);
    // One who waits in vain for an item is told of the end.
    const never = new Queue<number>();
    const vain = pool.map((n: number) => n, never);
    const waiting = spawn(() => vain.next());
    yield* sleep(1);
    void vain.return();
    assert.is((yield* waiting).done, true);
    yield* pool.shutdown();
  }),
);

test(
  'leaving early cancels what has not begun, and what runs goes on',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 2 });
    const ended: number[] = [];
    const slow = function* (ms: number): Coroutine<number> {
      yield* sleep(ms);
      ended.push(ms);
      return ms;
    };
    {
      using it = pool.map(slow, [10, 20, 30, 40]);
      yield* it.next();
    }
    yield* pool.shutdown();
    // The third one had its place, but had not begun.
    assert.equal(ended, [10, 20]);
    assert.equal([pool.stats().cancelled, pool.stats().completed], [2, 2]);
  }),
);

test('break cancels what has not begun', async () => {
  const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
  for await (const value of pool.map(sleeps, [1, 2, 3, 4])) {
    assert.is(value, 1);
    break;
  }
  await pool.shutdown();
  assert.is(pool.stats().cancelled, 2);
});

test(
  'an error, or a time that is up, cancels what has not begun',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    yield* thrownIn(pool.map(sleeps, [7, 1, 2, 3]));
    yield* thrownIn(pool.map(sleeps, [100, 1, 2, 3], { timeout: 10 }));
    yield* pool.shutdown();
    const { cancelled, completed, failed } = pool.stats();
    assert.equal([cancelled, completed, failed], [6, 1, 1]);
  }),
);

test(
  'one who waits for the next is killed or timed out, and nothing gets lost; for all, and the rest is cancelled',
  timed(function* () {
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    const it = pool.map(sleeps, [20, 30]);
    assert.instance(yield* thrownIn(withTimeout(5, () => it.next())), Timeout);
    const killed = spawn(() => it.next());
    const other = spawn(() => it.next());
    yield* sleep(1);
    yield* killed.kill();
    assert.is((yield* other).value, 20);
    assert.equal(yield* it, [30]);

    const rest = pool.map(sleeps, [10, 20, 30]);
    assert.instance(yield* thrownIn(withTimeout(15, () => rest)), Timeout);
    assert.instance(yield* thrownIn(rest), CancelledError);
    assert.is(pool.stats().cancelled, 1);
    // Not while somebody else waits for all of them.
    const both = pool.map(sleeps, [10, 20, 30]);
    const one = spawn(() => both);
    const two = spawn(() => both);
    yield* sleep(15);
    yield* one.kill();
    assert.equal(yield* two, [10, 20, 30]);
    yield* pool.shutdown();
  }),
);

test(
  'a source that fails',
  timed(function* () {
    const pool = new GreenletPoolExecutor();
    function* bad(): Generator<number> {
      yield 1;
      yield 2;
      throw new Error('no more');
    }
    async function* later(): AsyncGenerator<number> {
      yield* bad();
    }
    // At once when it is read at once, otherwise behind the results of what came before.
    assert.is(thrownBy(() => pool.map(sleeps, bad())).message, 'no more');
    assert.equal(yield* everything(pool.map(sleeps, bad(), { buffersize: 1 })), [1, 2, 'no more']);
    assert.equal(yield* everything(pool.map(sleeps, later())), [1, 2, 'no more']);
    const it = pool.map(sleeps, [1, 2, 3], { buffersize: 1 });
    yield* pool.shutdown();
    assert.equal(yield* everything(it), [1, 'cannot schedule new futures after shutdown']);
  }),
);

test(
  'the errors behind the first are not reported',
  timed(function* () {
    const told = yield* reported(function* () {
      const pool = new GreenletPoolExecutor();
      yield* thrownIn(pool.map(sleeps, [7, 17, 27]));
      yield* sleep(50);
    });
    assert.equal(told, []);
  }),
);

test(
  'the source is read, and tasks run, in the async context of the call',
  timed(function* () {
    const storage = new AsyncLocalStorage<string>();
    const pool = new GreenletPoolExecutor({ maxWorkers: 1 });
    function* items(): Generator<string> {
      for (let n = 0; n < 3; n++) yield String(storage.getStore());
    }
    const it = storage.run('mine', () =>
      pool.map((item: string) => `${item} ${storage.getStore()}`, items(), { buffersize: 1 }),
    );
    assert.equal(yield* it, ['mine mine', 'mine mine', 'mine mine']);
    yield* pool.shutdown();
  }),
);

test(
  'chunks: as many items as were asked for, or as the executor thinks',
  timed(function* () {
    const pool = new Chunked();
    assert.equal(yield* pool.map(sleeps, [1, 2, 3, 4, 5], { chunksize: 2 }), [1, 2, 3, 4, 5]);
    assert.equal(pool.chunks.splice(0), [2, 2, 1]);
    yield* pool.map(
      sleeps,
      Array.from({ length: 12 }, () => 1),
    );
    assert.equal(pool.chunks.splice(0), [3, 3, 3, 3]);
    yield* pool.map(sleeps, new Set([1, 2, 3]).values());
    assert.equal(pool.chunks.splice(0), [2, 1]);
    yield* pool.shutdown();
  }),
);

test('bad input is told at once', () => {
  const pool = new GreenletPoolExecutor();
  const fn = (n: number): number => n;
  for (const [action, type, message] of [
    [() => pool.map(5 as never, []), TypeError, 'Expected a function for map, as in map(fn, x), got 5'],
    [
      () => pool.map(fn, 5 as never),
      TypeError,
      'Expected an iterable or an async iterable of items for map, got 5',
    ],
    [() => pool.map(fn, undefined as never), TypeError, 'of items for map, got undefined'],
    [
      () => pool.map(fn, pool.submit(fn, 1) as never),
      TypeError,
      'got a Future that has yet to be waited for',
    ],
    [() => pool.map(fn, [], { chunksize: 0 }), RangeError, 'from 1 up as the chunksize of map, got 0'],
    [() => pool.map(fn, [], { buffersize: -1 }), RangeError, 'from 1 up as the buffersize of map, got -1'],
    [() => pool.map(fn, [], { timeout: -1 }), TypeError, 'as the timeout of map, got -1'],
    [() => pool.map(fn, [], 5 as never), TypeError, 'Expected an options object for map'],
  ] as const) {
    const error = thrownBy(action);
    assert.instance(error, type);
    assert.ok(error.message.includes(message), error.message);
  }
});

test('100,000 items', { timeout: 30_000 }, async () => {
  const pool = new GreenletPoolExecutor();
  const items = Array.from({ length: 100_000 }, (_, n) => n);
  assert.equal(await pool.map((n: number) => n, items), items);
  let sum = 0;
  for await (const n of pool.map((n: number) => n, items, { buffersize: 50 })) sum += n;
  assert.is(sum, (100_000 * 99_999) / 2);
  await pool.shutdown();
  await turn();
});

test('histogram: percentiles within 3 %, the rest exact', () => {
  const histogram = new Histogram();
  assert.equal(histogram.snapshot(), { count: 0, mean: 0, min: 0, max: 0, p50: 0, p90: 0, p99: 0 });
  for (let n = 1; n <= 1000; n++) histogram.record(n * 0.37);
  const { count, mean, min, max, p50, p90, p99 } = histogram.snapshot();
  assert.is(count, 1000);
  assert.ok(Math.abs(mean - 0.37 * 500.5) < 1e-6, `${mean}`);
  assert.equal([min, max], [0.37, 370]);
  for (const [found, exact] of [
    [p50, 185],
    [p90, 333],
    [p99, 366.3],
  ] as const) {
    assert.ok(Math.abs(found / exact - 1) < 0.033, `${found} for ${exact}`);
  }
  // From nothing to years.
  for (const ms of [-1, 0, 1e-9, 0.001, 1, 1e6, 2 ** 31 / 1000, 3e6, 1e9, 1e12]) {
    const one = new Histogram();
    one.record(ms);
    assert.is(one.snapshot().p50, Math.max(0, ms));
    one.record(1e15);
    one.record(1e15);
    assert.ok(one.snapshot().p50 > 1e8);
    for (let n = 0; n < 10; n++) one.record(ms);
    const { p50: middle } = one.snapshot();
    assert.ok(ms < 0.02 || ms > 1e8 || Math.abs(middle / ms - 1) < 0.033, `${middle} for ${ms}`);
  }
});

test.run();
