/** Random programs of everything at once, the same in every run: each has to end, and to leave nothing behind. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { call, GreenletExit } from '@switchyard/greenlet';
import {
  all,
  type Coroutine,
  idle,
  isInterrupt,
  race,
  settled,
  shield,
  sleep,
  until,
  Waiter,
  withTimeout,
  withVirtualTime,
} from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { seeded } from './seeded.ts';
import { type Started, start, turn } from './support.ts';

const test = suite('random programs');

class Failure extends Error {}

/** Semaphores of one permit, made of waiters: a permit that is lost makes the program hang. */
class Lock {
  private readonly line: Waiter[] = [];
  private taken = false;
  holders = 0;

  *hold<T>(body: () => Coroutine<T>): Coroutine<T> {
    if (this.taken) {
      let given = false;
      const waiter: Waiter = new Waiter(() => {
        const at = this.line.indexOf(waiter);
        if (at >= 0) void this.line.splice(at, 1);
        // Woken, and killed before it saw that: the permit goes on to the next.
        else if (given) this.release();
      });
      this.line.push(waiter);
      this.wakes.set(waiter, () => (given = true));
      yield* waiter;
    }
    this.taken = true;
    this.holders++;
    assert.is(this.holders, 1);
    try {
      return yield* body();
    } finally {
      this.holders--;
      this.release();
    }
  }

  private readonly wakes = new WeakMap<Waiter, () => void>();

  private release(): void {
    const next = this.line.shift();
    this.taken = next !== undefined;
    if (next === undefined) return;
    this.wakes.get(next)!();
    assert.is(next.wake(), true);
  }
}

function program(seed: number): { main: () => Coroutine<void>; log: string[] } {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const locks = [new Lock(), new Lock()];
  const log: string[] = [];
  let aborted = 0;

  function* step(depth: number): Coroutine<number> {
    const leaf = depth <= 0;
    switch (below(leaf ? 6 : 14)) {
      case 0:
        yield* sleep(0);
        return 0;
      case 1:
        yield* sleep(1 + below(20));
        return 1;
      case 2:
        yield* until(Promise.resolve());
        return 2;
      case 3:
        yield* until(
          (signal) =>
            new Promise<void>((resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Failure(`aborted ${++aborted}`)));
              setImmediate(resolve);
            }),
        );
        return 3;
      case 4:
        if (below(4) === 0) throw new Failure('thrown');
        return 4;
      case 5:
        yield* idle();
        return 5;
      case 6:
        return yield* withTimeout(below(25), () => step(depth - 1), { value: -1 });
      case 7:
        return (yield* all([step(depth - 1), step(depth - 1), sleep(below(5))])).length;
      case 8:
        return yield* race([step(depth - 1), step(depth - 1)]);
      case 9:
        return (yield* settled([step(depth - 1), step(depth - 2)])).length;
      case 10:
        return yield* shield(() => step(depth - 1));
      case 11:
        return yield* locks[below(locks.length)]!.hold(() => leaves());
      case 12:
        return yield* call(step(depth - 1));
      default:
        try {
          return (yield* step(depth - 1)) + (yield* step(depth - 1));
        } finally {
          yield* sleep(below(3));
        }
    }
  }

  // What a lock is held over takes no other lock: these programs may be odd, but not deadlocked.
  function* leaves(): Coroutine<number> {
    for (let i = below(3); i > 0; i--) yield* step(0);
    return 11;
  }

  function* worker(name: number): Coroutine<void> {
    for (let i = 0; i < 6; i++) {
      try {
        log.push(`${name} ${yield* step(4)}`);
      } catch (error) {
        if (isInterrupt(error)) {
          log.push(`${name} killed`);
          throw error;
        }
        if (!(error instanceof Failure)) throw error;
        log.push(`${name} failed`);
      }
    }
  }

  function* main(): Coroutine<void> {
    const workers: Started<void>[] = [];
    for (let i = 0; i < 12; i++) workers.push(start(`worker`, () => worker(i)));
    for (let i = 0; i < 8; i++) {
      yield* sleep(below(15));
      const victim = workers[below(workers.length)]!;
      if (below(3) === 0) victim.kill(new GreenletExit('again'));
      victim.kill();
    }
    for (const one of workers) {
      yield* until(one.done);
      if (one.failed) throw one.outcome;
    }
    // The cleanup of those that lost a race may still be under way. Only this very greenlet remains.
    for (let i = 0; hub.alive > 1 && i < 1000; i++) yield* sleep(10);
  }
  return { main, log };
}

for (let seed = 1; seed <= 25; seed++) {
  test(`seed ${seed}`, { greenletErrors: true }, async () => {
    const { main, log } = program(seed);
    await withVirtualTime(main);
    await turn();
    assert.ok(log.length > 0);
    assert.equal(
      { alive: hub.alive, outside: hub.outside, timers: hub.timers.size, idlers: hub.idlers.length },
      { alive: 0, outside: 0, timers: 0, idlers: 0 },
      log.join('\n'),
    );
  });
}

test.run();
