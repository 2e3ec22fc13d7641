/** Barrier. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { LoopExit, sleep } from '@switchyard/hub';
import { RuntimeError, TaskError } from '@switchyard/remote';
import { hydrate, dehydrate } from '@switchyard/remote/core';
import { Barrier, BrokenBarrierError } from '../src/barrier.ts';
import { changed, go, inWorker, sharedInts, start, thrownBy, turn } from './support.ts';
import { countAction } from './worker-bodies.ts';

const test = suite('Barrier');

function sorted(numbers: number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

test('B01: five in lockstep, ten times', async () => {
  const barrier = new Barrier(5);
  const rounds = [0, 0, 0, 0, 0];
  const parties = rounds.map((_, place) =>
    start(function* () {
      for (let round = 1; round <= 10; round++) {
        rounds[place] = round;
        yield* barrier.wait();
        assert.equal(rounds, [round, round, round, round, round]);
        yield* barrier.wait();
      }
    }),
  );
  for (const { done } of parties) await done;
  for (const { failed, outcome } of parties) assert.is(failed, false, String(outcome));
  assert.is(barrier.nWaiting, 0);
  assert.is(barrier.broken, false);
  assert.is(barrier.parties, 5);
});

test('B02: each gets a number of its own, and the action has run once before anyone goes', async () => {
  let runs = 0;
  const barrier = new Barrier(5, {
    *action() {
      yield* sleep(1);
      runs++;
    },
  });
  for (let round = 1; round <= 3; round++) {
    const waits = Array.from({ length: 5 }, () =>
      go(function* () {
        const index = yield* barrier.wait();
        assert.is(runs, round);
        return index;
      }),
    );
    assert.equal(sorted(await Promise.all(waits)), [0, 1, 2, 3, 4]);
  }
});

test('an action may be plain or async', async () => {
  let runs = 0;
  for (const action of [() => void runs++, async () => void runs++]) {
    assert.is(await new Barrier(1, { action }).wait(), 0);
  }
  assert.is(runs, 2);
});

test('how many wait', async () => {
  const barrier = new Barrier(3);
  const waits = [1, 2].map(() => go(() => barrier.wait() as never));
  await turn();
  assert.is(barrier.nWaiting, 2);
  await barrier.wait();
  await Promise.all(waits);
  assert.is(barrier.nWaiting, 0);
});

test('more than its parties: those who are too many make the next generation', async () => {
  let release!: () => void;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const barrier = new Barrier(2, { action: () => gate });
  const waits = Array.from({ length: 6 }, () => go<number>(() => barrier.wait() as never));
  await turn();
  assert.is(barrier.nWaiting, 2);
  release();
  assert.equal(sorted(await Promise.all(waits)), [0, 0, 0, 1, 1, 1]);
});

test('a timeout breaks it for all, and for those who come', async () => {
  const barrier = new Barrier(3);
  const other = start(() => barrier.wait() as never);
  await turn();
  const error = await thrownBy(() => barrier.wait({ timeout: 5 }));
  assert.instance(error, BrokenBarrierError);
  assert.instance(error, RuntimeError);
  assert.match(error.message, 'not all 3 parties');
  await other.done;
  assert.instance(other.outcome, BrokenBarrierError);
  assert.is(barrier.broken, true);
  assert.instance(await thrownBy(() => barrier.wait()), BrokenBarrierError);
  barrier.reset();
  assert.is(barrier.broken, false);
  const waits = [1, 2, 3].map(() => go<number>(() => barrier.wait() as never));
  assert.equal(sorted(await Promise.all(waits)), [0, 1, 2]);
});

test('the timeout of the barrier is that of waits which give none', async () => {
  const barrier = new Barrier(2, { timeout: 5 });
  assert.instance(await thrownBy(() => barrier.wait()), BrokenBarrierError);
  barrier.reset();
  const waits = start(() => barrier.wait({ timeout: null }) as never);
  await sleep(20);
  assert.is(waits.ended, false);
  assert.is(await barrier.wait(), 1);
  await waits.done;
});

test('one that is killed breaks it', async () => {
  const barrier = new Barrier(3);
  const killed = start(() => barrier.wait() as never);
  const other = start(() => barrier.wait() as never);
  await turn();
  killed.kill();
  await other.done;
  assert.instance(other.outcome, BrokenBarrierError);
  assert.is(barrier.broken, true);
});

test('an action that throws breaks it; the one who ran it gets its error', async () => {
  const barrier = new Barrier(2, {
    action: () => {
      throw new RangeError('in the action');
    },
  });
  const other = start(() => barrier.wait() as never);
  await turn();
  assert.instance(await thrownBy(() => barrier.wait()), RangeError);
  await other.done;
  assert.instance(other.outcome, BrokenBarrierError);
});

test('one that is killed while it runs the action breaks it', async () => {
  const barrier = new Barrier(2, { action: () => sleep(Infinity) });
  const other = start(() => barrier.wait() as never);
  await turn();
  const runner = start(() => barrier.wait() as never);
  await turn();
  runner.kill();
  await other.done;
  assert.instance(other.outcome, BrokenBarrierError);
});

test('abort and reset', async () => {
  const barrier = new Barrier(2);
  const first = start(() => barrier.wait() as never);
  await turn();
  barrier.abort();
  await first.done;
  assert.instance(first.outcome, BrokenBarrierError);
  assert.is(barrier.broken, true);
  barrier.reset();
  const second = start(() => barrier.wait() as never);
  await turn();
  barrier.reset();
  await second.done;
  assert.instance(second.outcome, BrokenBarrierError);
  assert.is(barrier.broken, false);
  const third = start(() => barrier.wait() as never);
  await turn();
  assert.is(await barrier.wait(), 1);
  await third.done;
  assert.is(third.outcome, 0);
});

test('waiting for those who cannot come is a LoopExit, and breaks it', async () => {
  const barrier = new Barrier(2);
  assert.instance(await thrownBy(() => barrier.wait()), LoopExit);
  await turn();
  assert.is(barrier.broken, true);
});

test('two workers and this thread in lockstep', { timeout: 60_000 }, async () => {
  const barrier = new Barrier(3);
  const words = sharedInts(3);
  const workers = [0, 1].map((place) => inWorker('rounds', barrier, words, place, 300));
  const indexes: number[][] = [[], [], []];
  for (let round = 1; round <= 300; round++) {
    Atomics.store(words, 2, round);
    indexes[2]!.push(await barrier.wait());
    for (let other = 0; other < 3; other++) {
      const at = Atomics.load(words, other);
      assert.ok(at === round || at === round + 1, `party ${other} is at ${at} in round ${round}`);
    }
    await barrier.wait();
  }
  indexes[0] = await workers[0]!.result;
  indexes[1] = await workers[1]!.result;
  for (let round = 0; round < 300; round++) {
    assert.equal(sorted(indexes.map((of) => of[round] as number)), [0, 1, 2]);
  }
});

test(
  'a worker that is terminated while it waits breaks it, here and in others',
  { timeout: 30_000 },
  async () => {
    const barrier = new Barrier(4);
    const ready = sharedInts(1);
    const victim = inWorker('waitBarrier', barrier, ready);
    const other = inWorker('waitBarrier', barrier, ready);
    const here = start(() => barrier.wait() as never);
    await changed(ready, 0, 0);
    await changed(ready, 0, 1);
    while (barrier.nWaiting < 3) await turn();
    await victim.worker.terminate();
    await here.done;
    assert.instance(here.outcome, BrokenBarrierError);
    assert.is(await other.result, 'broken');
    assert.is(barrier.broken, true);
  },
);

test('an action that is a task goes along, and runs in the worker that comes last', async () => {
  const barrier = new Barrier(2, { action: countAction, timeout: 20_000 });
  const ready = sharedInts(1);
  const here = go(() => barrier.wait() as never);
  await turn();
  assert.is(await inWorker('waitBarrier', barrier, ready).result, 1);
  assert.is(await here, 0);
  assert.is(barrier.broken, false);
});

test('an action that cannot be named is refused when the barrier is sent', async () => {
  const barrier = new Barrier(2, { action: () => {} });
  const error = await thrownBy(() => dehydrate([barrier]));
  assert.instance(error, TaskError);
  assert.match(error.message, "task(import.meta, 'action'");
  const copy = (hydrate(dehydrate([new Barrier(7)]).value) as [Barrier])[0];
  assert.is(copy.parties, 7);
});

test('the blocking form is refused on the main thread', async () => {
  const error = await thrownBy(() => new Barrier(1).waitSync());
  assert.instance(error, RuntimeError);
  assert.match(error.message, 'write await barrier.wait(), or yield* barrier.wait()');
});

test('arguments are checked', async () => {
  for (const parties of [0, -1, 1.5, 'x', NaN, 20_000, undefined]) {
    assert.instance(await thrownBy(() => new Barrier(parties as never)), RangeError);
  }
  for (const options of [{ timeout: -1 }, { action: 5 }, 5]) {
    assert.instance(await thrownBy(() => new Barrier(1, options as never)), TypeError);
  }
  assert.instance(await thrownBy(() => new Barrier(1).wait({ timeout: 'x' } as never)), TypeError);
});

test.run();
