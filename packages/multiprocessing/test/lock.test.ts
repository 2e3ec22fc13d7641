/** The lease of locks, and what becomes of them when whoever has them ends. */
import { type Coroutine, sleep } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Link } from '../src/link.ts';
import { Lock } from '../src/lock.ts';
import { RLock } from '../src/rlock.ts';
import { collect } from './collect.ts';
import { acquireAndExit, increment, reenter } from './told-tasks.ts';
import { endHelpers, Helper, startHelpers, thrown, until } from './told-process.ts';
import { ProcessTally } from './process-tally.ts';

const test = suite('lock');
const timeout = 30_000;

// So that there is a broker, which the processes inherit.
new Lock();
const spares = startHelpers(8);
const next = (): Helper => spares.shift() ?? new Helper();
const [one, two] = [next(), next()];
test.after(endHelpers);

/** How many messages are sent from here meanwhile. */
async function sent(body: () => Coroutine): Promise<number> {
  const prototype = Link.prototype as unknown as { post(...args: unknown[]): void };
  const { post } = prototype;
  let count = 0;
  prototype.post = function (...args) {
    count++;
    post.apply(this, args);
  };
  try {
    await inStrand('sent', body);
  } finally {
    prototype.post = post;
  }
  return count;
}

/** Both have the lock. */
async function shared(lock: Lock | RLock): Promise<void> {
  await Promise.all([one.keep({ lock }), two.keep({ lock })]);
}

test('as long as one process uses it, nothing is said', { timeout }, async () => {
  const lock = new Lock();
  await shared(lock);
  await lock.acquire();
  lock.release();
  const count = await sent(function* () {
    for (let n = 0; n < 100; n++) {
      yield* lock.acquire();
      lock.release();
      // In many turns of the event loop, too.
      if (n % 10 === 0) yield* sleep(1);
      assert.is(yield* lock.acquire({ blocking: false }), true);
      assert.is(yield* lock.acquire({ blocking: false }), false);
      lock.release();
    }
  });
  assert.is(count, 0);
});

test('who has the lease and does not hold it hands it to whoever wants it', { timeout }, async () => {
  const lock = new Lock();
  await shared(lock);
  for (let round = 0; round < 3; round++) {
    assert.is(await lock.acquire({ blocking: false }), true);
    lock.release();
    assert.is(await one.act('lock', 'acquire', { blocking: false }), true, 'an idle leaseholder');
    assert.is(lock.locked(), true);
    assert.is(await lock.acquire({ blocking: false }), false, 'a holder');
    assert.is(await two.act('lock', 'acquire', { blocking: false }), false, 'a holder');
    assert.is(await lock.acquire({ timeout: 5 }), false);
    await one.act('lock', 'release');
    await until(() => !lock.locked());
    assert.is(await two.act('lock', 'acquire'), true);
    await two.act('lock', 'release');
  }
  assert.is(lock.abandoned, false);
});

test('one that wants it at once is not kept waiting by the next in line', { timeout }, async () => {
  const lock = new Lock();
  await shared(lock);
  await lock.acquire();
  const second = lock.acquire().then((got) => got);
  const attempt = one.act('lock', 'acquire', { blocking: false });
  lock.release();
  assert.is(await second, true);
  assert.is(await attempt, false);
  lock.release();
});

test('counted under it in two steps by three processes, no step is lost', { timeout }, async () => {
  const lock = new Lock();
  const counter = new ProcessTally(1);
  // Only who holds the lock writes: one member for all.
  const times = 300;
  await Promise.all([one, two].map((helper) => helper.run(increment, lock, counter, times)));
  for (let n = 0; n < times; n++) {
    using _held = await lock.hold();
    counter.add(0, 1);
  }
  assert.is(counter.at(0), 3 * times);
});

for (const releases of [false, true]) {
  test(`a process that ${releases ? 'has released' : 'holds'} it ends by itself`, { timeout }, async () => {
    const lock = new Lock();
    const helper = next();
    helper.run(acquireAndExit, lock, releases).catch(() => {});
    await helper.exited;
    assert.is(await lock.acquire(), true);
    assert.is(lock.abandoned, !releases);
    lock.release();
    assert.is(lock.abandoned, false);
  });

  test(`a process that ${releases ? 'has released' : 'holds'} it is killed`, { timeout }, async () => {
    const lock = new Lock();
    const helper = next();
    await Promise.all([helper.keep({ lock }), shared(lock)]);
    await helper.act('lock', 'acquire');
    if (releases) await helper.act('lock', 'release');
    // What it has released is so at the end of that turn of its event loop.
    await helper.look('lock', 'abandoned');
    const waits = one.act('lock', 'acquire');
    if (!releases) assert.is(await two.act('lock', 'acquire', { timeout: 20 }), false);
    await helper.kill();
    assert.is(await waits, true);
    assert.is(await one.look('lock', 'abandoned'), !releases);
    await one.act('lock', 'release');
    using held = await lock.hold();
    assert.is(held.abandoned, false, 'only the next one is told');
  });
}

test('a process that is killed while it waits takes nothing along', { timeout }, async () => {
  const lock = new Lock();
  const helper = next();
  await Promise.all([helper.keep({ lock }), shared(lock)]);
  await lock.acquire();
  helper.act('lock', 'acquire').catch(() => {});
  const waits = one.act('lock', 'acquire', { timeout: 20_000 });
  await two.act('lock', 'locked');
  await helper.kill();
  lock.release();
  assert.is(await waits, true);
  assert.is(await one.look('lock', 'abandoned'), false);
  await one.act('lock', 'release');
});

test('any process may release a Lock', { timeout }, async () => {
  const lock = new Lock();
  await shared(lock);
  await lock.acquire();
  const second = lock.acquire().then((got) => got);
  assert.is(await one.act('lock', 'release'), undefined);
  assert.is(await second, true, 'the next in line of the process that held it');
  assert.is(await one.act('lock', 'acquire', { blocking: false }), false);
  await two.act('lock', 'release');
  await until(() => !lock.locked());
  assert.is(await one.act('lock', 'release'), 'RuntimeError');
  assert.is(await thrown(() => lock.release()), 'RuntimeError');
});

test('an RLock is its greenlet’s own', { timeout }, async () => {
  const lock = new RLock();
  await shared(lock);
  assert.equal(await one.run(reenter, lock), [2, false, [false, false], false]);
  await lock.acquire();
  assert.is(await one.act('lock', 'acquire', { blocking: false }), false);
  assert.is(await one.act('lock', 'release'), 'RuntimeError');
  await inStrand('other', function* () {
    assert.is(yield* lock.acquire({ blocking: false }), false);
    assert.throws(
      () => lock.release(),
      /a greenlet that does not hold it: somebody else of this process does/,
    );
  });
  lock.release();
  assert.is(await one.act('lock', 'acquire', { blocking: false }), true);
  // The greenlet that took it has ended, but the process lives: as with threads, nobody else can release it.
  assert.is(await two.act('lock', 'acquire', { timeout: 10 }), false);
  assert.throws(() => lock.release(), /another process, if anybody, does/);
  assert.is(lock.locked(), true);
});

test('two that only try: one of them gets it', { timeout }, async () => {
  const lock = new Lock();
  await shared(lock);
  for (let round = 0; round < 20; round++) {
    const got = await Promise.all(
      [one, two].map((helper) => helper.act('lock', 'acquire', { blocking: false })),
    );
    assert.is(got.filter((one) => one === true).length, 1, `${got}`);
    await (got[0] === true ? one : two).act('lock', 'release');
  }
});

test('one that was collected here while it had the lease does not keep it', { timeout }, async () => {
  for (let round = 0; round < 3; round++) {
    await useAndForget();
    collect();
    const again = (await one.give('lock')) as Lock;
    assert.is(await again.acquire({ timeout: 5000 }), true);
    again.release();
    assert.is(await one.act('lock', 'acquire', { timeout: 5000 }), true);
    await one.act('lock', 'release');
  }
});

async function useAndForget(): Promise<void> {
  const lock = new Lock();
  await one.keep({ lock });
  await lock.acquire();
  lock.release();
}

test.run();
