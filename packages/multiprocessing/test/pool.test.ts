import { setTimeout as later } from 'node:timers/promises';
import { getHub, sleep, withTimeout } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { CloneError, RuntimeError, TimeoutError } from '@switchyard/remote';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Pool } from '../src/pool.ts';
import { defaultChunksize } from '../src/pool-map.ts';
import { ProcessError } from '../src/process-error.ts';
import * as tasks from './pool-tasks.ts';

const test = suite('pool');
const timeout = 30_000;

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

async function thrown(body: () => unknown): Promise<Error> {
  try {
    await body();
  } catch (error) {
    return error as Error;
  }
  throw new assert.Assertion({ message: 'nothing was thrown' } as never);
}

/** What the hub is told of meanwhile. */
async function reported(body: () => Promise<unknown>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const hub = getHub();
  const before = hub.onError;
  hub.onError = (error) => errors.push(error);
  try {
    await body();
  } finally {
    hub.onError = before;
  }
  return errors;
}

/** For the tests that leave their workers as they were. */
let pool: Pool;
test.before(() => {
  pool = new Pool(2);
});
test.after(async () => {
  pool.close();
  await pool.join();
});

test('M12: apply, with arguments and an options object', { timeout }, async () => {
  assert.is(await pool.apply(tasks.add, [1, 2]), 3);
  assert.is(await pool.apply(tasks.scaled, [3], { by: 4 }), 12);
  assert.is(await pool.apply(tasks.scaled, [3]), 3);
  const twice = pool.apply(tasks.square, [5]);
  assert.equal(
    await inStrand('a greenlet', function* () {
      return [yield* twice, yield* twice];
    }),
    [25, 25],
  );
  assert.instance(await thrown(async () => await pool.apply(tasks.odd, [2])), RangeError);
  assert.is(await pool.apply(tasks.name), 'name');
});

test('M12: map keeps the order, whatever the chunks', { timeout }, async () => {
  const squares = range(100).map((n) => n * n);
  assert.equal(await pool.map(tasks.square, range(100)), squares);
  for (const chunksize of [1, 7, 100, 1000])
    assert.equal(await pool.map(tasks.square, range(100), { chunksize }), squares);
  assert.equal(await pool.map(tasks.square, []), []);
  assert.equal(await pool.map(tasks.square, new Set([2, 3])), [4, 9]);
  const source = async function* () {
    for (const n of range(10)) yield n;
  };
  assert.equal(await pool.map(tasks.square, source()), squares.slice(0, 10));
  assert.equal(await pool.mapAsync(tasks.square, source()), squares.slice(0, 10));
});

test('M12: starmap', { timeout }, async () => {
  const rows = range(20).map((n): [number, number] => [n, 2 * n]);
  const sums = range(20).map((n) => 3 * n);
  assert.equal(await pool.starmap(tasks.add, rows), sums);
  assert.equal(await pool.starmapAsync(tasks.add, rows, { chunksize: 3 }).get(), sums);
});

test('the default chunk size is that of Python', () => {
  assert.equal(
    [0, 1, 8, 9, 100].map((items) => defaultChunksize(items, 2)),
    [1, 1, 1, 2, 13],
  );
});

test('map fails with the error of the first item that failed, when all have ended', { timeout }, async () => {
  const error = await thrown(async () => await pool.map(tasks.odd, [1, 3, 4, 5, 6], { chunksize: 1 }));
  assert.instance(error, RangeError);
  assert.is(error.message, '4 is even');
});

test('M12: imap gives the results in order, and goes on behind an error', { timeout }, async () => {
  for (const chunksize of [1, 3]) {
    const results = pool.imap(tasks.odd, range(7), { chunksize });
    const seen: unknown[] = [];
    for (;;) {
      try {
        const next = await results.next();
        if (next.done === true) break;
        seen.push(next.value);
      } catch (error) {
        seen.push((error as Error).message);
      }
    }
    assert.equal(seen, ['0 is even', 1, '2 is even', 3, '4 is even', 5, '6 is even']);
    assert.equal(await results.next(), { done: true, value: undefined });
  }
});

test('imap in a greenlet, and with a time limit', { timeout }, async () => {
  const results = pool.imap(tasks.wait, [100, 1]);
  const error = await thrown(async () => await results.next({ timeout: 5 }));
  assert.instance(error, TimeoutError);
  assert.instance(await thrown(async () => await results.next({ timeout: 0 })), TimeoutError);
  const seen = await inStrand('a greenlet', function* () {
    const late = yield* withTimeout(5, () => results.next(), { value: 'late' });
    return [late, (yield* results.next()).value, (yield* results.next()).value, (yield* results.next()).done];
  });
  assert.equal(seen, ['late', 100, 1, true], 'nothing is lost by giving up');
});

test('imapUnordered gives what comes first', { timeout }, async () => {
  const seen: number[] = [];
  for await (const ms of pool.imapUnordered(tasks.wait, [400, 1, 2])) seen.push(ms);
  assert.equal(seen, [1, 2, 400]);
  const many: number[] = [];
  for await (const n of pool.imapUnordered(tasks.square, range(50), { chunksize: 7 })) many.push(n);
  assert.equal(
    many.toSorted((a, b) => a - b),
    range(50).map((n) => n * n),
  );
});

test('imap of an endless source takes no more than it needs, and ends it', { timeout }, async () => {
  let taken = 0;
  let closed = false;
  const source = function* () {
    try {
      for (;;) yield taken++;
    } finally {
      closed = true;
    }
  };
  const seen: number[] = [];
  for await (const n of pool.imap(tasks.square, source(), { maxsize: 3 })) {
    if (seen.push(n) === 5) break;
  }
  assert.equal(seen, [0, 1, 4, 9, 16]);
  assert.ok(taken <= 9, `${taken} were taken`);
  assert.ok(closed);
});

test('imap: the error of the source comes behind the results of its items', { timeout }, async () => {
  for (const ordered of [true, false]) {
    const source = async function* () {
      yield 1;
      yield 2;
      throw new TypeError('the source is dry');
    };
    const results = ordered ? pool.imap(tasks.square, source()) : pool.imapUnordered(tasks.square, source());
    const seen = [(await results.next()).value, (await results.next()).value];
    assert.equal(new Set(seen), new Set([1, 4]));
    assert.match((await thrown(async () => await results.next())).message, 'the source is dry');
    assert.is((await results.next()).done, true);
  }
});

test('M12: an AsyncResult, before and after', { timeout }, async () => {
  const result = pool.applyAsync(tasks.wait, [100]);
  assert.is(result.ready(), false);
  assert.instance(await thrown(() => result.successful()), RuntimeError);
  assert.instance(await thrown(async () => await result.get({ timeout: 5 })), TimeoutError);
  assert.instance(await thrown(async () => await result.get({ timeout: 0 })), TimeoutError);
  assert.is(await result.wait({ timeout: 5 }), false);
  assert.is(await result.wait(), true);
  assert.equal([result.ready(), result.successful()], [true, true]);
  assert.equal([await result.get(), await result.get({ timeout: 0 }), await result], [100, 100, 100]);
  const failed = pool.applyAsync(tasks.odd, [2]);
  assert.is(await failed.wait(), true);
  assert.is(failed.successful(), false);
  assert.match((await thrown(async () => await failed.get())).message, '2 is even');
});

test(
  'M12: callbacks are called once, before whoever waits, in the order of completion',
  { timeout },
  async () => {
    const log: unknown[] = [];
    const say =
      (what: string) =>
      (value: unknown): void =>
        void log.push([what, value instanceof Error ? value.message : value]);
    const slow = pool.applyAsync(tasks.wait, [150], { callback: say('slow'), errorCallback: say('never') });
    const quick = pool.applyAsync(tasks.wait, [1], { callback: say('quick') });
    const failed = pool.applyAsync(tasks.odd, [4], { callback: say('never'), errorCallback: say('failed') });
    const mapped = pool.mapAsync(tasks.square, [1, 2], { callback: say('mapped') });
    const scaled = pool.applyAsync(tasks.scaled, [2], { kwargs: { by: 5 }, callback: say('scaled') });
    await quick;
    assert.equal(log[0], ['quick', 1]);
    await Promise.all([slow, failed.wait(), mapped, scaled]);
    assert.equal(log, [
      ['quick', 1],
      ['failed', '4 is even'],
      ['mapped', [1, 4]],
      ['scaled', 10],
      ['slow', 150],
    ]);
  },
);

test('a callback that throws is reported, also later, and nobody else hears of it', { timeout }, async () => {
  const errors = await reported(async () => {
    const results = [
      pool.applyAsync(tasks.square, [2], {
        callback() {
          throw new TypeError('now');
        },
      }),
      pool.applyAsync(tasks.square, [3], {
        *callback() {
          yield* sleep(1);
          throw new TypeError('later');
        },
      }),
      pool.applyAsync(tasks.square, [4]),
    ];
    assert.equal(await Promise.all(results), [4, 9, 16]);
    await later(20);
  });
  // Two workers: whose result comes first is not said.
  assert.equal(errors.map((error) => (error as Error).message).toSorted(), ['later', 'now']);
});

test('an argument or a result that cannot be sent fails only its own task', { timeout }, async () => {
  const [bad, good] = [
    pool.applyAsync(tasks.square, [(() => 1) as never]),
    pool.applyAsync(tasks.square, [2]),
  ];
  const error = await thrown(async () => await bad);
  assert.instance(error, CloneError);
  assert.match(error.message, /^args\[0\]: a function/);
  assert.is(await good, 4);
  const items = [1, 2, { f: () => 1 }] as never[];
  assert.match((await thrown(async () => await pool.map(tasks.square, items))).message, /^items\[2\]\.f/);
  assert.match((await thrown(async () => await pool.apply(tasks.unsendable))).message, /^result: a function/);
});

test('a worker that dies fails the task that it ran; another takes its place', { timeout }, async () => {
  const pids = new Set((await pool.map(tasks.who, range(20), { chunksize: 1 })).map(({ pid }) => pid));
  const results = [
    pool.applyAsync(tasks.square, [2]),
    pool.applyAsync(tasks.exit, [3]),
    pool.applyAsync(tasks.dieOf, ['SIGKILL']),
    ...range(4).map((n) => pool.applyAsync(tasks.square, [n])),
  ];
  const [exited, killed] = [
    (await thrown(async () => await results[1])) as ProcessError,
    (await thrown(async () => await results[2])) as ProcessError,
  ];
  assert.instance(exited, ProcessError);
  assert.equal([exited.exitcode, exited.signal, killed.exitcode, killed.signal], [3, null, -9, 'SIGKILL']);
  assert.match(killed.message, /^worker PoolWorker-\d+ was ended by SIGKILL while it ran the task dieOf$/);
  assert.equal(await Promise.all(results.slice(3)), [0, 1, 4, 9]);
  for (const { pid, name, daemon } of await pool.map(tasks.who, range(8), { chunksize: 1 })) {
    assert.not.ok(pids.has(pid));
    assert.match(name, /^PoolWorker-\d+$/);
    assert.is(daemon, true);
  }
});

test('a worker that dies in a chunk fails the chunk, and nothing hangs', { timeout }, async () => {
  const error = await thrown(async () => await pool.map(tasks.deadlyThree, range(8), { chunksize: 2 }));
  assert.is((error as ProcessError).exitcode, 7);
  const seen: unknown[] = [];
  const results = pool.imap(tasks.deadlyThree, range(6), { chunksize: 2 });
  for (let n = 0; n < 6; n++) {
    try {
      seen.push((await results.next()).value);
    } catch {
      seen.push('lost');
    }
  }
  assert.equal(seen, [0, 1, 'lost', 'lost', 4, 5]);
});

test('an error between two tasks ends the worker and is reported', { timeout }, async () => {
  const errors = await reported(async () => {
    const pid = await pool.apply(tasks.throwAfter);
    for (;;) {
      try {
        process.kill(pid, 0);
      } catch {
        break;
      }
      await later(10);
    }
    assert.is(await pool.apply(tasks.square, [3]), 9);
  });
  assert.equal(
    errors.map((error) => (error as Error).message),
    ['between two tasks'],
  );
});

test('an apply that nobody waits for any more is taken back', { timeout }, async () => {
  const busy = [pool.applyAsync(tasks.wait, [100]), pool.applyAsync(tasks.wait, [100])];
  const late = await inStrand('a greenlet', function* () {
    return yield* withTimeout(10, () => pool.apply(tasks.exit, [1]), { value: 'late' });
  });
  assert.is(late, 'late');
  assert.equal(await Promise.all(busy), [100, 100]);
});

test('M15: a pool with 10,000 sleeping tasks is terminated promptly', { timeout }, async () => {
  const full = new Pool(2);
  assert.is(await full.apply(tasks.square, [2]), 4);
  const results = range(10_000).map(() => full.applyAsync(tasks.wait, [60_000]));
  const mapped = full.mapAsync(tasks.wait, [60_000, 60_000]);
  const imapped = full.imap(tasks.wait, [60_000]);
  const start = performance.now();
  full.terminate();
  await full.join();
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
  const outcomes = await Promise.allSettled(results);
  assert.ok(outcomes.every((one) => one.status === 'rejected' && one.reason instanceof ProcessError));
  assert.instance(await thrown(async () => await mapped), ProcessError);
  assert.ok((await thrown(async () => await imapped.next())) instanceof Error);
});

test('M15: a closed pool does what it was given and takes no more', { timeout }, async () => {
  const closed = new Pool(1, { initializer: tasks.prepare, initargs: ['tables'], maxTasksPerChild: 2 });
  assert.instance(await thrown(() => closed.join()), RuntimeError);
  const pids = range(3).map(() => closed.applyAsync(tasks.who));
  const what = closed.applyAsync(tasks.what);
  closed.close();
  for (const use of [
    () => closed.apply(tasks.square, [1]),
    () => closed.applyAsync(tasks.square, [1]),
    () => closed.map(tasks.square, [1]),
    () => closed.mapAsync(tasks.square, [1]),
    () => closed.starmap(tasks.add, [[1, 2]]),
    () => closed.imap(tasks.square, [1]),
  ]) {
    assert.instance(await thrown(use), RuntimeError);
  }
  await closed.join();
  // maxTasksPerChild, too.
  const seen = (await Promise.all(pids)).map(({ pid }) => pid);
  assert.equal([seen[0] === seen[1], seen[1] === seen[2]], [true, false]);
  assert.is(await what, 'tables');
});

test('an initializer that fails is an error for all, and no endless loop', { timeout }, async () => {
  const bad = new Pool(1, { initializer: tasks.badPrepare });
  const results = range(3).map((n) => bad.applyAsync(tasks.square, [n]));
  for (const result of results) {
    const error = await thrown(async () => await result);
    assert.instance(error, ProcessError);
    assert.match(error.message, 'the initializer of the pool failed, so no task can run: no database');
    assert.instance(error.cause, RangeError);
  }
  assert.match((await thrown(() => bad.applyAsync(tasks.square, [1]))).message, 'no database');
  bad.close();
  await bad.join();
});

test('workers that never come up are an error, not a hang', { timeout }, async () => {
  const { execPath } = process;
  await using bad = new Pool(2);
  try {
    process.execPath = '/no/such/node';
    const results = range(3).map((n) => bad.applyAsync(tasks.square, [n]));
    for (const result of results) {
      const error = await thrown(async () => await result);
      assert.match(error.message, 'no worker of the pool comes up');
    }
  } finally {
    process.execPath = execPath;
  }
});

test('arguments are those of the task, for the compiler too', () => {
  const uses = [
    // @ts-expect-error -- a number
    () => pool.apply(tasks.square, ['1']),
    // @ts-expect-error -- an option of another name
    () => pool.apply(tasks.scaled, [1], { bye: 2 }),
    // @ts-expect-error -- the callback is given a number
    () => pool.applyAsync(tasks.square, [1], { callback: (value: string) => value }),
    // @ts-expect-error -- items are numbers
    () => pool.map(tasks.square, ['1']),
    () => pool.applyAsync(tasks.scaled, [1], { kwargs: { by: 2 }, callback: (value: number) => value }),
  ];
  assert.is(uses.length, 5);
});

test('wrong use is refused before anything is done', async () => {
  const refused = async (use: () => unknown, pattern: RegExp): Promise<void> =>
    assert.match((await thrown(use)).message, pattern);
  await refused(
    () => new Pool(0),
    /Expected a whole number from 1 up as the number of processes of a Pool, got 0/,
  );
  await refused(() => new Pool(1, { maxTasksPerChild: 0 }), /the maxTasksPerChild of a Pool, got 0/);
  await refused(() => new Pool(1, null as never), /Expected options for a Pool/);
  await refused(
    () => new Pool(1, { initializer: () => 1 }),
    /initializer of a Pool needs a function that another/,
  );
  await refused(() => pool.apply((n: number) => n, [1]), /Pool\.apply needs a function that another/);
  await refused(
    () => pool.apply(tasks.square, 1 as never),
    /Expected an array as the args of Pool\.apply, got 1/,
  );
  await refused(
    () => pool.map(tasks.square, 1 as never),
    /Expected an iterable or an async iterable .* got 1/,
  );
  await refused(() => pool.map(tasks.square, [1], { chunksize: 0 }), /the chunksize of Pool\.map, got 0/);
  await refused(() => pool.imap(tasks.square, [1], { chunksize: 0 }), /the chunksize of imap, got 0/);
  await refused(
    () => pool.applyAsync(tasks.square, [1], { callback: 1 as never }),
    /Expected a function as the callback of Pool\.applyAsync, got 1/,
  );
  await refused(async () => await pool.apply(tasks.square, [pool as never]), /A Pool cannot be sent/);
});

test.run();
