/** The three kinds of queues between threads. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { LifoQueue } from '../src/lifo-queue.ts';
import { PriorityQueue } from '../src/priority-queue.ts';
import { Queue } from '../src/queue.ts';
import { Role } from './queue-support.ts';
import { program, thrownBy } from './support.ts';

type Item = [id: number, n: number];
interface Tally {
  count: number;
  sum: number;
  ordered: boolean;
}

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  const test = suite(`${Kind.name} between threads`);

  // Q03
  test('many producers and consumers, exact sums, joined', { timeout: 60_000 }, async () => {
    const queue = new Kind<Item>(20);
    const count = 5000;
    const consumers = ['consume', 'consume', 'consumeAsync'].map((role) => new Role(role, { queue }));
    const producers = ['produce', 'produceAsync', 'produce'].map(
      (role, id) => new Role(role, { queue, id, count }),
    );
    let own = 0;
    let ownSum = 0;
    const here = (async () => {
      for await (const [, n] of queue) {
        own++;
        ownSum += n;
        queue.taskDone();
      }
    })();
    for (let n = 0; n < count; n++) await queue.put([3, n]);
    for (const producer of producers) await producer.result;
    assert.is(await queue.join({ timeout: 30_000 }), true);
    queue.shutdown();
    await here;
    const tallies: Tally[] = await Promise.all(consumers.map(({ result }) => result));
    assert.is(own + tallies.reduce((all, { count: one }) => all + one, 0), 4 * count);
    assert.is(ownSum + tallies.reduce((all, { sum }) => all + sum, 0), (4 * count * (count - 1)) / 2);
    assert.is(queue.qsize(), 0);
    if (Kind === Queue) {
      assert.is(
        tallies.every(({ ordered }) => ordered !== false),
        true,
        'those of one producer come in their order',
      );
    }
  });

  test('a full queue pushes back on other threads', async () => {
    const queue = new Kind<Item>(3);
    const progress = new Int32Array(new SharedArrayBuffer(4));
    const producer = new Role('produce', { queue, id: 0, count: 10, progress });
    // The fourth waits: when the third has been put, nothing is left to happen.
    while (Atomics.load(progress, 0) < 3) await new Promise((resolve) => setImmediate(resolve));
    for (let taken = 0; taken < 10; taken++) {
      assert.ok(queue.qsize() <= 3);
      assert.ok(Atomics.load(progress, 0) <= taken + 3);
      await queue.get();
    }
    await producer.result;
    assert.is(queue.empty(), true);
  });

  test('every kind of value, into a worker and back', async () => {
    const requests = new Kind<unknown>();
    const replies = new Kind<unknown>();
    const echo = new Role('echo', { requests, replies });
    const replyTo = new Queue<string>();
    for (const value of [
      undefined,
      'text 日本',
      { a: [1, { b: null }] },
      new Map([[1, new Set([2n])]]),
      new RangeError('e', { cause: 1 }),
      new Uint8Array(5_000_000).fill(7),
      new Date(5),
    ]) {
      await requests.put([1, value]);
      assert.equal(await replies.get({ timeout: 10_000 }), [1, structuredClone(value)]);
    }
    await requests.put([1, { replyTo }]);
    const [, back] = (await replies.get({ timeout: 10_000 })) as [number, { replyTo: Queue<string> }];
    await back.replyTo.put('the same queue');
    assert.is(await replyTo.get({ timeout: 10_000 }), 'the same queue');
    requests.shutdown();
    await echo.result;
  });

  test('a shareable item is there as soon as the queue says so', async () => {
    const queue = new Kind<[number, Queue<string>]>();
    const putting = new Role('puts', { queue, items: [[1, new Queue<string>()]], times: 100 });
    await putting.up;
    for (let n = 0; n < 100; n++) {
      // No turn of the event loop between its coming and its going.
      while (queue.empty());
      assert.instance(queue.getNowait()[1], Queue);
    }
    await putting.result;
  });

  test('a worker waits for items, for room, and for all to be done', async () => {
    const queue = new Kind<number>(1);
    const taking = new Role('takes', { queue, count: 3 });
    await taking.up;
    for (const item of [1, 2, 3]) await queue.put(item);
    assert.is(((await taking.result) as number[]).length, 3);
    const joining = new Role('join', { queue });
    await joining.up;
    for (let n = 0; n < 3; n++) queue.taskDone();
    assert.is(await joining.result, true);
    await queue.put(4);
    assert.is(await new Role('join', { queue, timeout: 20 }).result, false);
    assert.is(await new Role('late', { queue: new Kind(), timeout: 20 }).result, 'Empty');
  });

  test('a worker that waits is terminated: the item goes to another', async () => {
    const queue = new Kind<number>();
    const first = new Role('takes', { queue, count: 1 });
    const second = new Role('takes', { queue, count: 1 });
    await Promise.all([first.up, second.up]);
    await first.worker.terminate();
    queue.putNowait(5);
    assert.equal(await second.result, [5]);
  });

  test.run();
}

const test = suite('queues and the end of the process');

const queueUrl = JSON.stringify(new URL('../src/queue.ts', import.meta.url).href);
const load = `
  const { Queue } = await import(${queueUrl});
`;

test('a queue, used and left, keeps no process alive', async () => {
  const { code, stdout, stderr } = await program(`${load}
    const queue = new Queue(1);
    const getting = queue.get().then((item) => item);
    await queue.put(1);
    await getting;
    await queue.get({ timeout: 5 }).then(() => {}, (error) => console.log(error.name));
  `);
  assert.is(stdout, 'Empty\n', stderr);
  assert.is(code, 0, stderr);
});

test('one who waits for ever, with nobody left to put, is told', async () => {
  const { code, stderr } = await program(`${load} await new Queue().get();`);
  assert.is(code, 1);
  assert.ok(stderr.includes('LoopExit') && stderr.includes('Queue.get'), stderr);
});

test('an unbounded queue that holds far too much says what to write', { timeout: 60_000 }, async () => {
  const queue = new Queue<Uint8Array>();
  const large = new Uint8Array(400_000_000);
  queue.putNowait(large);
  queue.putNowait(large);
  const error = await thrownBy(() => queue.putNowait(large));
  assert.instance(error, RangeError);
  assert.ok(error.message.includes('new Queue(1000)'), error.message);
  assert.is(queue.qsize(), 2);
  assert.is(queue.getNowait().length, large.length);
  queue.putNowait(new Uint8Array(10));
  assert.is(queue.qsize(), 2);
});

test.run();
