/** Who held the event loop. */
import diagnostics from 'node:diagnostics_channel';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet as Raw, getcurrent, gettrace, settrace } from '@switchyard/greenlet';
import { detectBlocking, sleep, spawn, until } from '@switchyard/gevent';
import { type BlockMessage, getHub } from '@switchyard/hub';
import { program, thrownBy } from './support.ts';

const test = suite('detectBlocking');
let blocks: BlockMessage[];

test.before.each(() => {
  blocks = [];
  getHub().onBlock = (block) => void blocks.push(block);
});
test.after.each(() => {
  getHub().onBlock = null;
});

/** Holds the loop. */
function crunch(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('names the greenlet that held the loop, for how long, and where it was spawned', async () => {
  using detector = detectBlocking({ maxBlockingTime: 40 });
  getHub().trackSpawnSites = true;
  const greenlet = spawn(function* cruncher() {
    yield* sleep(1);
    crunch(60);
    yield* sleep(1);
  });
  getHub().trackSpawnSites = false;
  const innocent = spawn(() => sleep(1));
  await greenlet;
  await innocent;
  const [block] = blocks.filter((one) => one.greenlet === (greenlet as unknown));
  assert.ok(block, JSON.stringify(blocks.map(({ name, ms }) => [name, ms])));
  assert.match(block.name!, /^cruncher-\d+$/);
  assert.ok(block.ms >= 60 && block.ms < 5000, `${block.ms} ms`);
  assert.is(block.turns, 1);
  assert.match(block.spawnedAt!, /blocking\.test\.ts:\d+/);
  assert.not(blocks.some((one) => one.greenlet === (innocent as unknown)));
  void detector;
});

test('also one that ends in that turn, fails in it, or was switched to by another', async () => {
  using detector = detectBlocking({ maxBlockingTime: 30 });
  const ending = spawn(() => crunch(40));
  const failing = spawn(() => {
    crunch(40);
    throw new Error('boom');
  });
  const raw = new Raw(function* raw() {
    crunch(40);
    yield* (getcurrent().parent as Raw).switch();
  });
  const switching = spawn(function* () {
    raw.parent = getcurrent() as Raw;
    yield* raw.switch();
  });
  await ending;
  await failing.join();
  await switching;
  const held = blocks.map(({ greenlet }) => greenlet as unknown);
  for (const one of [ending, failing, raw]) assert.ok(held.includes(one));
  void detector;
});

test('it is published', async () => {
  using detector = detectBlocking({ maxBlockingTime: 30 });
  const heard: BlockMessage[] = [];
  const listener = (message: unknown): void => void heard.push(message as BlockMessage);
  diagnostics.subscribe('switchyard:greenlet:block', listener);
  const greenlet = spawn(() => crunch(40));
  await greenlet;
  diagnostics.unsubscribe('switchyard:greenlet:block', listener);
  assert.ok(heard.some((one) => one.greenlet === (greenlet as unknown)));
  void detector;
});

/** The first block for which `fits`; the detector looks when its time is over, and does not keep the process alive. */
async function toldOf(fits: (block: BlockMessage) => boolean): Promise<BlockMessage> {
  const alive = setInterval(() => {}, 1000);
  try {
    return await new Promise((resolve) => {
      getHub().onBlock = (block) => {
        if (fits(block)) resolve(block);
      };
    });
  } finally {
    clearInterval(alive);
  }
}

test('code outside of greenlets has no name', async () => {
  using detector = detectBlocking({ maxBlockingTime: 30 });
  setImmediate(() => crunch(100));
  const { greenlet, name, ms, spawnedAt } = await toldOf(({ turns }) => turns === 0);
  assert.equal([greenlet, name, spawnedAt], [null, null, null]);
  assert.ok(ms >= 30, `${ms} ms`);
  void detector;
});

test('of many short turns the longest is named', async () => {
  using detector = detectBlocking({ maxBlockingTime: 150 });
  // As measured by themselves: on a busy machine any of them may be the longest.
  const took = new Map<string, number>();
  for (let i = 0; i < 20; i++) {
    const greenlet = spawn(function* () {
      yield* until(Promise.resolve());
      const before = performance.now();
      crunch(i === 7 ? 40 : 10);
      took.set(greenlet.name, performance.now() - before);
    });
    greenlet.name = `number ${i}`;
  }
  const block = await toldOf(({ turns }) => turns > 1);
  const longest = [...took].toSorted(([, a], [, b]) => b - a)[0]!;
  assert.is(block.name, longest[0]);
  assert.ok(block.turns >= 20 && block.ms >= 230, `${block.turns} turns, ${block.ms} ms`);
  void detector;
});

test('a hook that throws does no harm', { greenletErrors: true }, async () => {
  using detector = detectBlocking({ maxBlockingTime: 20 });
  getHub().onBlock = () => {
    throw new Error('hook');
  };
  assert.is(await spawn(() => (crunch(30), 5)), 5);
  assert.ok(gettrace() !== null);
  void detector;
});

test('another tracer goes on, and is there again afterwards; a second detector is refused', async () => {
  let events = 0;
  const tracer = (): void => void events++;
  settrace(tracer);
  const detector = detectBlocking();
  await spawn(() => sleep(0));
  assert.ok(events > 0);
  assert.match(thrownBy(() => detectBlocking()).message, 'a blocking detector runs already');
  detector.stop();
  detector.stop();
  assert.is(gettrace(), tracer);
  settrace(null);
  using again = detectBlocking();
  void again;
});

test('with watch, the name is there while the loop is still held', async () => {
  // More than one turn, as the thread takes its time to start on a busy machine.
  const { code, stdout, stderr } = await program(`
    import { detectBlocking, sleep, spawn } from '@switchyard/gevent';
    detectBlocking({ maxBlockingTime: 30, watch: true });
    for (let turn = 1; turn <= 4; turn++) {
      await sleep(50);
      await spawn(function* crüncher() {
        const end = performance.now() + 400;
        while (performance.now() < end);
        process.stderr.write('the end of the turn\\n');
      });
    }
    console.log('done');
  `);
  assert.is(stdout, 'done\n');
  assert.match(
    stderr,
    /Greenlet crüncher-\d+ has held the event loop for \d+ ms, and goes on\nthe end of the turn\nGreenlet crüncher-\d+ held the event loop for \d+ ms\n/,
  );
  assert.is(code, 0);
});

test('it does not keep the process alive, and prints when there is no hook', async () => {
  const { code, stderr } = await program(`
    import { detectBlocking, spawn } from '@switchyard/gevent';
    detectBlocking({ maxBlockingTime: 30 });
    spawn(function cruncher() { const end = performance.now() + 50; while (performance.now() < end); });
  `);
  assert.match(stderr, /Greenlet cruncher-\d+ held the event loop for \d+ ms\n/);
  assert.is(code, 0);
});

test('what cannot be used is refused', () => {
  for (const maxBlockingTime of [0, -1, Number.NaN, '5', Infinity]) {
    const { message } = thrownBy(() => detectBlocking({ maxBlockingTime: maxBlockingTime as number }));
    assert.match(message, 'Expected milliseconds above 0 as the maxBlockingTime, got');
  }
});

test.run();
