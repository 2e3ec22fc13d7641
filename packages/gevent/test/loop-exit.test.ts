/** Programs that wait for ever: they end, and say who waits for what. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { program } from './support.ts';

const test = suite('LoopExit');

const PARKED = `
  import { AsyncResult, Event, Group, JoinableQueue, Queue, Semaphore, joinall, spawn, sleep, wait, Pool } from '@switchyard/gevent';
  class Frontier extends Queue {}
  const queue = new Frontier();
  const full = new Queue(1, ['in the way']);
  const event = new Event();
  const consumer = spawn(function* consumer() { return yield* queue.get(); });
  const producer = spawn(function* producer() { yield* full.put('item'); });
  const watcher = spawn(function* watcher() { yield* event.wait(); });
  const getter = spawn(function* getter() { yield* new AsyncResult().get(); });
  const locker = spawn(function* locker() { yield* new Semaphore(0).acquire(); });
  const parent = spawn(function* parent() {
    const child = spawn(function* child() { yield* event.wait(); });
    yield* child;
  });
  const jobs = new JoinableQueue(null, ['job']);
  spawn(function* finisher() { yield* jobs.join(); });
  const group = new Group([consumer]);
  spawn(function* grouper() { yield* group.join(); });
  const joiner = spawn(function* joiner() { yield* joinall([consumer, watcher]); });
`;

test('under a top-level await: not zero, and a tree of the parked with what each waits for', async () => {
  const { code, stdout, stderr } = await program(`${PARKED}
    console.log('waiting');
    await joiner;
    console.log('not reached');
  `);
  assert.is(stdout, 'waiting\n');
  assert.is.not(code, 0);
  assert.match(stderr, 'LoopExit: This would wait for ever');
  assert.match(stderr, /await the value of joiner-\d+\n/);
  for (const line of [
    /\n {2}consumer-\d+ waits for Frontier.get\n/,
    /\n {2}producer-\d+ waits for Queue.put\n/,
    /\n {2}watcher-\d+ waits for Event.wait\n/,
    /\n {2}getter-\d+ waits for AsyncResult.get\n/,
    /\n {2}locker-\d+ waits for Semaphore.acquire\n/,
    /\n {2}finisher-\d+ waits for JoinableQueue.join\n/,
    /\n {2}grouper-\d+ waits for Group.join\n/,
    /\n {2}parent-\d+ waits for the value of child-\d+\n {4}child-\d+ waits for Event.wait\n/,
    /\n {2}joiner-\d+ waits for joinall \(2 to come: consumer-\d+, watcher-\d+\)\n/,
  ]) {
    assert.match(stderr, line);
  }
});

for (const [wait, said] of [
  ['queue.get()', 'await Frontier.get'],
  ['event.wait()', 'await Event.wait'],
  ['consumer.join()', 'await the end of consumer-1'],
  ['wait([event])', 'await wait (1 to come: Event)'],
  ['new Pool(0).spawn(() => 1)', 'await Pool.spawn'],
] as const) {
  test(`an await of ${wait}`, async () => {
    const { code, stderr } = await program(`${PARKED} await ${wait};`);
    assert.is.not(code, 0);
    assert.match(stderr, said);
    assert.match(stderr, /consumer-\d+ waits for Frontier.get/);
  });
}

test('whoever waits outside may catch it, and go on', async () => {
  const { code, stdout } = await program(`${PARKED}
    try { await queue.get(); } catch (error) { console.log(error.name); }
    queue.putNowait(1);
    console.log(await consumer);
    try { await event.wait(); } catch (error) { console.log(error.name, error.message.includes('consumer')); }
  `);
  assert.is(stdout, 'LoopExit\n1\nLoopExit false\n');
  assert.is(code, 0);
});

test('those that nobody outside waits for end with the process', async () => {
  const { code, stdout, stderr } = await program(`${PARKED} console.log('done');`);
  assert.is(stdout, 'done\n');
  assert.is(stderr, '');
  assert.is(code, 0);
});

test('a sleeping greenlet keeps the process alive, and what it wakes is woken', async () => {
  const { code, stdout } = await program(`${PARKED}
    spawn(function* () { yield* sleep(20); event.set(); });
    await watcher;
    console.log('woken');
  `);
  assert.is(stdout, 'woken\n');
  assert.is(code, 0);
});

test('wait without objects returns when the rest waits for ever', async () => {
  const { code, stdout, stderr } = await program(`${PARKED} console.log(await wait());`);
  assert.is(stdout, 'true\n');
  assert.is(stderr, '');
  assert.is(code, 0);
});

test('where they were spawned is told when asked', async () => {
  const { stderr } = await program(`${PARKED} await joiner;`, { env: { SWITCHYARD_TRACK: '1' } });
  assert.match(stderr, /watcher-\d+ waits for Event.wait, \d+ ms old, spawned at .*eval/);
});

test('a hundred thousand alike are folded', async () => {
  const { code, stderr } = await program(`
    import { Event, spawn } from '@switchyard/gevent';
    const event = new Event();
    for (let n = 0; n < 100_000; n++) spawn(function* alike() { yield* event.wait(); });
    await event.wait();
  `);
  assert.is.not(code, 0);
  assert.match(stderr, /\.\.\. and 99\d\d\d more like it/);
  assert.ok(stderr.length < 10_000);
});

test.run();
