/** imap and imapUnordered. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import { type Coroutine, GreenletExit, Pool, sleep, spawn, withTimeout } from '../src/index.ts';
import { Log, rejection, thrownBy, thrownIn, timed } from './support.ts';

function* sleeps(ms: number): Coroutine<number> {
  yield* sleep(ms);
  if (ms % 10 === 7) throw new Error(`failed ${ms}`);
  return ms;
}

/** All that comes, errors by their messages. */
function* everything(it: AsyncIterableIterator<unknown>): Coroutine<unknown[]> {
  const seen: unknown[] = [];
  for (;;) {
    try {
      const next = yield* it.next() as unknown as Coroutine<IteratorResult<unknown>>;
      if (next.done === true) return seen;
      seen.push(next.value);
    } catch (error) {
      seen.push((error as Error).message);
    }
  }
}

function* reported(body: () => Coroutine): Coroutine<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const told: string[] = [];
  hub.onError = (error) => told.push((error as Error).message);
  try {
    yield* body();
    yield* sleep(50);
  } finally {
    hub.onError = before;
  }
  return told;
}

for (const verb of ['imap', 'imapUnordered'] as const) {
  const test = suite(verb);
  const ordered = verb === 'imap';

  test(
    'gives all results, errors in their places',
    timed(function* () {
      const pool = new Pool(5);
      assert.equal(
        yield* everything(pool[verb](sleeps, [30, 10, 17, 20])),
        ordered ? [30, 10, 'failed 17', 20] : [10, 'failed 17', 20, 30],
      );
      assert.equal(yield* everything(pool[verb](sleeps, [])), []);
    }),
  );

  test(
    'stays at its end',
    timed(function* () {
      const it = new Pool(1)[verb](sleeps, [1]);
      yield* it.next();
      assert.is((yield* it.next()).done, true);
      assert.is((yield* it.next()).done, true);
    }),
  );

  test(
    'starts at once, not with the first next',
    timed(function* () {
      const log = new Log();
      const it = new Pool(2)[verb]((n: number) => log.add(n), [1, 2, 3]);
      yield* sleep(1);
      assert.is(log.take(), '1, 2, 3');
      yield* everything(it);
    }),
  );

  test('is iterated in async code; an error ends the loop', async () => {
    const seen: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const value of new Pool(1)[verb](sleeps, [1, 2, 7, 3])) seen.push(value);
      })(),
    );
    assert.is((error as Error).message, 'failed 7');
    assert.equal(seen, [1, 2]);
    await sleep(10);
  });

  test(
    'pulls from an endless source only as there is room and demand',
    timed(function* () {
      let pulled = 0;
      let closed = false;
      function* endless(): Generator<number> {
        try {
          for (;;) yield ++pulled % 5;
        } finally {
          closed = true;
        }
      }
      const pool = new Pool(3);
      {
        using it = pool[verb](sleeps, endless(), { maxsize: 4 });
        yield* sleep(100);
        // Four have come or run, and one is in the hand of whoever waits for the next permit.
        assert.is(pulled, 5);
        yield* it.next();
        yield* sleep(100);
        assert.is(pulled, 6);
      }
      assert.is(closed, true);
      yield* pool.join();
      assert.is(pool.freeCount(), 3);
    }),
  );

  test(
    'with a maxsize of one no more than two are ahead of whoever takes',
    timed(function* () {
      let started = 0;
      let taken = 0;
      const it = new Pool(10)[verb](
        function* (n: number) {
          started++;
          assert.ok(started <= taken + 2, `${started} started, ${taken} taken`);
          yield* sleep(1);
          return n;
        },
        Array.from({ length: 20 }, (_, n) => n),
        { maxsize: 1 },
      );
      for (let next = yield* it.next(); next.done !== true; next = yield* it.next()) {
        assert.is(next.value, taken);
        taken++;
        yield* sleep(3);
      }
      assert.is(taken, 20);
    }),
  );

  // Each wait in vain let one more item start.
  test(
    'waits that time out do not let more items start',
    timed(function* () {
      let started = 0;
      const it = new Pool(10)[verb](
        function* (n: number) {
          started++;
          yield* sleep(100);
          return n;
        },
        Array.from({ length: 10 }, (_, n) => n),
        { maxsize: 1 },
      );
      for (let n = 0; n < 5; n++) {
        assert.is(yield* withTimeout(1, it.next(), { value: 'late' }), 'late');
      }
      assert.ok(started <= 2, `${started} started`);
      assert.equal(yield* everything(it), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }),
  );

  // The place of the result that the wait was for was given up with it.
  test(
    'a timeout or a kill of the wait takes no result away',
    timed(function* () {
      const it = new Pool(3)[verb](sleeps, [10, 20, 30]);
      assert.is(yield* withTimeout(5, it.next(), { value: 'late' }), 'late');
      const waiter = spawn(() => it.next());
      yield* sleep(1);
      yield* waiter.kill();
      assert.equal(yield* everything(it), [10, 20, 30]);
    }),
  );

  test(
    'several may take at once: each gets another result, in order, and all are told of the end',
    timed(function* () {
      const it = new Pool(3)[verb](sleeps, [30, 10, 20]);
      const takers = [1, 2, 3, 4, 5].map(() => spawn(() => it.next()));
      const values: unknown[] = [];
      for (const taker of takers) values.push((yield* taker).value);
      assert.equal(values, ordered ? [30, 10, 20, undefined, undefined] : [10, 20, 30, undefined, undefined]);
    }),
  );

  // It came before the results of those that were still running, which were lost.
  test(
    'a source that fails: its error comes after the results of the items before it',
    timed(function* () {
      function* source(): Generator<number> {
        yield 20;
        yield 10;
        throw new Error('source');
      }
      const it = new Pool(3)[verb](sleeps, source());
      assert.equal(yield* everything(it), ordered ? [20, 10, 'source'] : [10, 20, 'source']);
    }),
  );

  test(
    'an async source',
    timed(function* () {
      async function* source(): AsyncGenerator<number> {
        for (const ms of [3, 1, 2]) {
          await Promise.resolve();
          yield ms;
        }
      }
      assert.is((yield* everything(new Pool(3)[verb](sleeps, source()))).length, 3);
    }),
  );

  test('leaving early kills what runs, and lets the source clean up', async () => {
    const log = new Log();
    let started = 0;
    const pool = new Pool(3);
    async function* source(): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        log.add('source closed');
      }
    }
    const it = pool[verb](function* (n: number) {
      started++;
      try {
        if (n > 0) yield* sleep(10_000);
        return n;
      } finally {
        if (n > 0) log.add('ended', n);
      }
    }, source());
    for await (const value of it) {
      assert.is(value, 0);
      while (started < 4) await sleep(0);
      break;
    }
    await pool.join();
    await sleep(1);
    assert.is((await it.next()).done, true);
    assert.is(log.take().split(', ').toSorted().join(', '), 'ended 1, ended 2, ended 3, source closed');
    assert.is(pool.freeCount(), 3);
  });

  test(
    'leaving twice, or after the end, does nothing',
    timed(function* () {
      const it = new Pool(3)[verb](sleeps, [1]);
      yield* everything(it);
      it[Symbol.dispose]();
      void it.return();
      assert.is((yield* it.next()).done, true);
    }),
  );

  test(
    'who waits when somebody else leaves is told that it is over',
    timed(function* () {
      const it = new Pool(3)[verb](sleeps, [1000]);
      const waiter = spawn(() => it.next());
      yield* sleep(1);
      it[Symbol.dispose]();
      assert.is((yield* waiter).done, true);
    }),
  );

  // Whoever leaves does not ask for them any more, and nobody else ever will.
  test(
    'failures that have come and not been taken are reported when it is left',
    timed(function* () {
      const told = yield* reported(function* () {
        using it = new Pool(6)[verb](
          function* (n: number): Coroutine<number> {
            try {
              yield* sleep(n * 10);
            } catch (error) {
              throw n === 5 ? new Error('cleanup') : error;
            }
            if (n > 1) throw new Error(`failed ${n}`);
            return n;
          },
          [1, 9, 2, 3, 5],
        );
        yield* it.next();
        yield* sleep(25);
      });
      assert.equal(told.toSorted(), ['cleanup', 'failed 2', 'failed 3']);
    }),
  );

  test(
    'a killed member: its exit, in its place',
    timed(function* () {
      const pool = new Pool(3);
      const it = pool[verb](sleeps, [10, 1000]);
      yield* sleep(1);
      yield* [...pool][1]!.kill();
      // The kill of the other one comes first where the order is that of the ends.
      const first = ordered ? (yield* it.next()).value : undefined;
      assert.instance(yield* thrownIn(it.next()), GreenletExit);
      assert.is(ordered ? first : (yield* it.next()).value, 10);
      assert.is((yield* it.next()).done, true);
    }),
  );

  test('a maxsize that is none is refused', () => {
    for (const [maxsize, shown] of [
      [0, '0'],
      [-1, '-1'],
      [1.5, '1.5'],
    ] as const) {
      const error = thrownBy(() => new Pool(1)[verb](sleeps, [1], { maxsize }));
      assert.instance(error, RangeError);
      assert.is(
        error.message,
        `Expected a whole number from 1 up, or null for no limit, as maxsize, got ${shown}`,
      );
    }
  });

  test('many small items', function* () {
    const it = new Pool(10)[verb](
      (n: number) => n,
      Array.from({ length: 20_000 }, (_, n) => n),
    );
    let sum = 0;
    for (let next = yield* it.next(); next.done !== true; next = yield* it.next()) sum += next.value;
    assert.is(sum, (20_000 * 19_999) / 2);
  });

  test.run();
}
