/** How much many greenlets need, and that nothing stays behind. In processes of their own, with bounds that are generous. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { program } from './support.ts';

const test = suite('memory');
const COUNT = 200_000;

const START = `
  import { Event, Group, JoinableQueue, Pool, Queue, Semaphore, Timeout, getcurrent, iwait, joinall, killall, sleep, spawn, wait, withTimeout } from '@switchyard/gevent';
  import { setTimeout as delay } from 'node:timers/promises';
  const COUNT = ${COUNT};
  async function heap() {
    for (let n = 0; n < 3; n++) { await delay(1); globalThis.gc(); }
    return process.memoryUsage().heapUsed;
  }
`;

/** Runs a program that prints numbers, one a line. */
async function figures(source: string): Promise<number[]> {
  const { code, stdout, stderr } = await program(START + source, { node: ['--expose-gc'] });
  assert.is(code, 0, stderr);
  return stdout.trim().split('\n').map(Number);
}

test(`${COUNT} parked on one event, woken and joined`, { timeout: 60_000 }, async () => {
  const [perGreenlet, woken, left] = await figures(`
    const before = await heap();
    const event = new Event();
    let woken = 0;
    let greenlets = new Array(COUNT);
    function* body() { yield* event.wait(); woken++; }
    for (let n = 0; n < COUNT; n++) greenlets[n] = spawn(body);
    await sleep(0);
    console.log(((await heap()) - before) / COUNT);
    event.set();
    await joinall(greenlets);
    console.log(woken);
    greenlets = null;
    console.log((await heap()) - before);
  `);
  assert.is(woken, COUNT);
  assert.ok(perGreenlet! < 600, `${perGreenlet} bytes for each`);
  assert.ok(left! < 8e6, `${left} bytes stay behind`);
});

/** Programs that do something often, each round of which has to leave the heap where it was. */
const rounds: Record<string, string> = {
  'spawned and killed before they start': `
    const greenlets = [];
    for (let n = 0; n < COUNT; n++) greenlets.push(spawn(function* () { yield* sleep(0); }));
    for (const g of greenlets) g.kill({ block: false });
    await joinall(greenlets);
  `,
  'spawned and killed where they wait': `
    const event = new Event();
    const greenlets = [];
    for (let n = 0; n < COUNT; n++) greenlets.push(spawn(function* () { yield* event.wait(); }));
    await sleep(0);
    await killall(greenlets);
    if (event.linkcount() !== 0) throw new Error('left in the line');
  `,
  'waits on objects that live on, given up': `
    await spawn(function* () {
      for (let n = 0; n < COUNT / 40; n++) {
        for (const gate of gates) {
          yield* withTimeout(1e6, () => 1);
          const g = spawn(gate);
          yield* sleep(0);
          yield* g.kill();
        }
        void iwait([event, resident]).return();
        Timeout.start(1e6).cancel();
      }
    });
  `,
  'members of a group and of a pool': `
    await spawn(function* () {
      for (let n = 0; n < COUNT / 10; n++) { yield* pool.spawn(() => n); group.spawn(() => n); }
      yield* pool.join();
      yield* group.join();
      yield* pool.map((n) => n, Array.from({ length: COUNT / 10 }, (_, n) => n));
    });
  `,
  'greenlets that spawn their successors': `
    await new Promise((resolve) => {
      function next(n) { if (n === 0) resolve(); else spawn(next, n - 1); }
      next(COUNT / 2);
    });
  `,
  'promises of waits': `
    for (let n = 0; n < COUNT / 10; n++) {
      queue.putNowait(n);
      await queue.get();
      await spawn(() => n);
      await sleep(0);
    }
  `,
};

for (const [name, round] of Object.entries(rounds)) {
  test(`nothing stays behind: ${name}`, { timeout: 60_000 }, async () => {
    const [first, second] = await figures(`
      const queue = new Queue();
      const event = new Event();
      const semaphore = new Semaphore(0);
      const pool = new Pool(5);
      const group = new Group();
      const resident = spawn(() => event.wait());
      const gates = [() => queue.get(), () => event.wait(), () => semaphore.acquire(), () => resident, () => wait([event, resident])];
      async function round() { ${round} }
      await round();
      const before = await heap();
      await round();
      const once = await heap();
      await round();
      console.log(once - before);
      console.log((await heap()) - once);
    `);
    // One that left something with each greenlet would leave megabytes in each round.
    assert.ok(Math.min(first!, second!) < 1.5e6, `${first} and ${second} bytes stay behind`);
  });
}

test.run();
