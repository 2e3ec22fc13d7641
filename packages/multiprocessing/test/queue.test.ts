/** Queues between processes. */
import { type Coroutine, sleep, withTimeout } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Array as SharedArray } from '../src/array.ts';
import type { Event } from '../src/event.ts';
import { JoinableQueue } from '../src/joinable-queue.ts';
import { Lock } from '../src/lock.ts';
import { type Connection, Pipe } from '../src/pipe.ts';
import { Queue } from '../src/queue.ts';
import type { Semaphore } from '../src/semaphore.ts';
import { SimpleQueue } from '../src/simple-queue.ts';
import { make, putMany, putNew, startThreads } from './told-tasks.ts';
import { endHelpers, type Helper, startHelpers, thrown, until } from './told-process.ts';

const test = suite('queue');
const timeout = 30_000;

new Lock();
const spares = startHelpers(5);
const next = (): Helper => spares.shift() as Helper;
const [one, two] = [next(), next()];
test.after(endHelpers);

test('items come in the order in which they were put', { timeout }, async () => {
  const queue = new Queue<number>();
  const [done] = [one.run(putMany, queue, 0, 3000)];
  for (let n = 0; n < 3000; n++) assert.is(await queue.get(), n);
  await done;
  assert.is(queue.qsize(), 0);
});

test('with a size it pushes back', { timeout }, async () => {
  const queue = new Queue<number>(3);
  await two.keep({ queue });
  const done = one.run(putMany, queue, 0, 10);
  await until(() => queue.full());
  assert.is(queue.qsize(), 3);
  assert.is(await two.act('queue', 'put', 9, { timeout: 5 }), 'Full');
  assert.is(await two.act('queue', 'putNowait', 9), 'Full');
  assert.is(await thrown(() => queue.putNowait(9)), 'Full');
  for (let n = 0; n < 10; n++) assert.is(await queue.get(), n);
  await done;
  assert.is(await two.act('queue', 'getNowait'), 'Empty');
  assert.is(await two.act('queue', 'get', { timeout: 5 }), 'Empty');
});

test(
  'limits and kills at the very moment of an item: none is lost, doubled, or out of order',
  { timeout },
  async () => {
    const queue = new Queue<number>();
    const many = 400;
    const done = one.run(putMany, queue, 0, many);
    await inStrand('getter', function* (): Coroutine {
      const got: number[] = [];
      const get = (): number | null => null;
      for (let round = 0; got.length < many; round++) {
        const item =
          round % 2 === 0
            ? yield* withTimeout(0.05 * (round % 7), () => queue.get(), { value: null })
            : yield* attempt(queue, 0.05 * (round % 5));
        if (item !== null) got.push(item);
        if (round % 10 === 0) yield* sleep(0);
      }
      assert.equal(
        got,
        Array.from({ length: many }, (_, n) => n),
      );
      assert.is(get(), null);
    });
    await done;
  },
);

function* attempt(queue: Queue<number>, limit: number): Coroutine<number | null> {
  try {
    return yield* queue.get({ timeout: limit });
  } catch (error) {
    assert.is((error as Error).name, 'Empty');
    return null;
  }
}

test('a put whose time is up has put nothing, one that has put did', { timeout }, async () => {
  const queue = new Queue<number>(1);
  await one.keep({ queue });
  const taken: unknown[] = [];
  let over = false;
  const taking = (async () => {
    while (!over) taken.push(await one.act('queue', 'get', { timeout: 1 }));
  })();
  const put: number[] = [];
  for (let n = 0; n < 300; n++)
    if ((await thrown(() => queue.put(n, { timeout: (n % 5) * 0.3 }))) === 'nothing') put.push(n);
  await until(() => queue.empty());
  over = true;
  await taking;
  assert.equal(
    taken.filter((item) => item !== 'Empty'),
    put,
  );
});

test('objects that processes share arrive as themselves, in items of items', { timeout }, async () => {
  const outer = new Queue();
  const inner = new Queue();
  const [a, b] = Pipe();
  const lock = new Lock();
  const numbers = new SharedArray('i', 3);
  await outer.put({ inner, deep: [{ numbers }, new Map([['a', a]])] });
  const { inner: arrived, deep } = (await outer.get()) as never as {
    inner: Queue;
    deep: [{ numbers: SharedArray }, Map<string, Connection>];
  };
  await arrived.put([lock]);
  const [same] = (await inner.get()) as Lock[];
  await same!.acquire();
  assert.is(lock.locked(), true);
  deep[0].numbers[1] = 7;
  assert.is(numbers[1], 7);
  await deep[1].get('a')!.send('through it');
  assert.is(await b.recv(), 'through it');
  lock.release();
  for (const end of [a, b, deep[1].get('a')!]) end.close();
});

test(
  'what is made in a process and sent from there works here, as long as somebody has it',
  { timeout },
  async () => {
    const [lock, queue, event, condition, semaphore] = (await one.run(make)) as never as [
      Lock,
      Queue,
      Event,
      { lock: Lock },
      Semaphore,
    ];
    assert.is(condition.lock.stub, lock.stub, 'also inside of another');
    await lock.acquire();
    assert.is(await one.act('made0', 'acquire', { blocking: false }), false);
    lock.release();
    await one.act('made1', 'put', 'from there');
    assert.is(await queue.get(), 'from there');
    event.set();
    assert.is(await one.act('made2', 'wait', { timeout: 5000 }), true);
    assert.is(semaphore.value, 3);
    await one.act('made4', 'acquire');
    assert.is(semaphore.value, 2);
  },
);

test('what an item holds lives as long as the item', { timeout }, async () => {
  const queue = new Queue();
  await two.run(putNew, queue);
  await two.kill();
  const { lock, deep } = (await queue.get()) as { lock: Lock; deep: [[Event]] };
  assert.is(await lock.acquire(), true);
  lock.release();
  assert.is(await deep[0][0].wait({ timeout: 1 }), false);
});

test('16 MB in one item', { timeout }, async () => {
  const queue = new Queue();
  const bytes = new Uint8Array(16 * 1024 * 1024);
  bytes[bytes.length - 1] = 7;
  await one.keep({ queue, bytes });
  assert.is(await one.act('queue', 'put', bytes), undefined);
  await one.act('queue', 'put', 'small');
  const got = (await queue.get()) as Uint8Array;
  assert.equal([got.length, got.at(-1)], [bytes.length, 7]);
  assert.is(await queue.get(), 'small');
});

test('what a process has put stays when it is killed', { timeout }, async () => {
  const queue = new Queue();
  const helper = next();
  await helper.keep({ queue });
  await helper.act('queue', 'put', 'last');
  await helper.act('queue', 'qsize');
  await helper.kill();
  assert.is(await queue.get({ timeout: 5000 }), 'last');
});

test('a consumer that is killed while it waits takes nothing along', { timeout }, async () => {
  const queue = new Queue();
  const helper = next();
  await helper.keep({ queue });
  helper.act('queue', 'get').catch(() => {});
  await one.keep({ queue });
  await helper.kill();
  await queue.put('one');
  assert.is(await one.act('queue', 'get', { timeout: 5000 }), 'one');
});

test('M08: a closed queue', { timeout }, async () => {
  for (const queue of [new Queue(), new JoinableQueue(), new SimpleQueue()]) {
    await queue.put(1);
    queue.close();
    assert.throws(() => queue.put(2), /is closed/);
    assert.throws(() => queue.get(), /is closed/);
  }
});

test('M08: join waits for four workers with ten items each', { timeout }, async () => {
  const queue = new JoinableQueue<number>();
  const helpers = [one, next()];
  await Promise.all(helpers.map((helper) => helper.keep({ queue })));
  for (let n = 0; n < 40; n++) await queue.put(n);
  assert.is(queue.unfinishedTasks, 40);
  assert.is(await queue.join({ timeout: 5 }), false);
  const work = helpers.map(async (helper) => {
    for (let n = 0; n < 20; n++) {
      await helper.act('queue', 'get');
      await helper.act('queue', 'taskDone');
    }
  });
  assert.is(await queue.join(), true);
  await Promise.all(work);
  assert.is(queue.unfinishedTasks, 0);
  assert.throws(() => queue.taskDone(), /too many times/);
});

test('loops end when it is shut down elsewhere, and what is put then is an error', { timeout }, async () => {
  const queue = new Queue<number>();
  await one.keep({ queue });
  for (let n = 0; n < 3; n++) await queue.put(n);
  // What is put without a limit is only sent: another process may be heard before.
  while ((await one.act('queue', 'qsize')) !== 3);
  const got: number[] = [];
  const loop = (async () => {
    for await (const item of queue) got.push(item);
  })();
  await one.act('queue', 'shutdown');
  await loop;
  assert.equal(got, [0, 1, 2]);
  assert.is(await thrown(() => queue.put(1)), 'ShutDown');
  assert.is(await one.act('queue', 'put', 1), 'ShutDown');
});

test('threads of a process use it, too', { timeout }, async () => {
  const queue = new Queue();
  const lock = new Lock();
  await lock.acquire();
  const threads = one.run(startThreads, lock, queue);
  assert.is(await thrown(() => queue.get({ timeout: 50 })), 'Empty');
  lock.release();
  assert.is(await queue.get(), 'thread true');
  await threads;
  assert.is(await lock.acquire(), true);
  assert.is(lock.abandoned, false);
  lock.release();
});

test('what cannot be sent, and what is no size', async () => {
  const queue = new Queue();
  assert.is(await thrown(() => queue.put(() => {})), 'CloneError');
  assert.is(await thrown(() => queue.put(new SharedArrayBuffer(8))), 'CloneError');
  assert.throws(
    () => new Queue(-1),
    /Expected a whole number from 0 up, or null for no limit, as the size of a Queue, got -1/,
  );
  assert.is(queue.qsize(), 0);
});

test.run();
