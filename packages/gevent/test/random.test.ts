/**
 * Random programs: greenlets that put, get, acquire, wait, sleep, spawn and kill each other, some hundreds of programs in
 * virtual time, the same ones in every run. Whatever they do, no item and no permit is lost, those who wait are served in
 * the order in which they came, and every greenlet ends.
 */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { withVirtualTime } from '@switchyard/hub';
import {
  type Coroutine,
  Event,
  type Greenlet,
  idle,
  isInterrupt,
  joinall,
  JoinableQueue,
  killall,
  Queue,
  race,
  Semaphore,
  sleep,
  spawn,
  Timeout,
  wait,
  type Waitable,
  type Waitlike,
  withTimeout,
} from '../src/index.ts';

/** Random numbers from 0 up to 1 that are the same in every run. */
function seeded(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Those who had to wait have to be served in the order in which they began to. */
class Turns {
  private given = 0;
  private last = -1;
  private readonly what: string;

  constructor(what: string) {
    this.what = what;
  }

  *wait<T>(parks: boolean, wait: Waitable<T>, got: (value: T) => boolean): Coroutine {
    const ticket = this.given++;
    const value = yield* wait;
    if (!got(value) || !parks) return;
    assert.ok(ticket > this.last, `${this.what}: ${ticket} was served behind ${this.last}`);
    this.last = ticket;
  }
}

class Program {
  private readonly random: () => number;
  private readonly queues: Queue<number>[];
  private readonly getTurns: Turns[];
  private readonly putTurns: Turns[];
  private readonly puts: number[][];
  private readonly takes: number[][];
  private readonly permits: number;
  private readonly semaphore: Semaphore;
  private readonly permitTurns = new Turns('permit');
  private readonly event = new Event();
  private readonly greenlets: Greenlet<unknown>[] = [];
  private held = 0;
  private items = 0;
  private ending = false;
  /** What happened, for the comparison of two runs. */
  readonly trace: string[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
    this.queues = [new Queue(1 + this.below(3)), new Queue(), new JoinableQueue(1 + this.below(2))];
    this.getTurns = this.queues.map((_, n) => new Turns(`get from queue ${n}`));
    this.putTurns = this.queues.map((_, n) => new Turns(`put into queue ${n}`));
    this.puts = this.queues.map(() => []);
    this.takes = this.queues.map(() => []);
    this.permits = 1 + this.below(2);
    this.semaphore = new Semaphore(this.permits);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  *run(): Coroutine {
    const roots = 4 + this.below(6);
    for (let n = 0; n < roots; n++) this.start(2 + this.below(14), 0);
    for (let n = 0; n < 10; n++) {
      yield* sleep(20);
      yield* idle();
      this.checkNobodyForgotten();
    }
    this.ending = true;
    // Some of them outlive a kill, but none outlives many.
    for (let round = 0; ; round++) {
      const alive = this.greenlets.filter((g) => !g.dead);
      if (alive.length === 0) break;
      assert.ok(round < 50, `${alive.length} greenlets do not end`);
      try {
        yield* killall(alive, { timeout: 10 });
      } catch (error) {
        if (!(error instanceof Timeout)) throw error;
      }
    }
    yield* sleep(0);
    this.check();
  }

  /** Nothing is runnable: whoever still waits has nothing to wait for. */
  private checkNobodyForgotten(): void {
    this.queues.forEach((queue, n) => {
      if (!queue.empty()) assert.is(queue.getters.length, 0, `getters are forgotten at queue ${n}`);
      if (!queue.full()) assert.is(queue.putters.length, 0, `putters are forgotten at queue ${n}`);
    });
    if (!this.semaphore.locked())
      assert.is(this.semaphore.linkcount(), 0, 'somebody is forgotten at the semaphore');
    if (this.event.isSet()) assert.is(this.event.linkcount(), 0, 'somebody is forgotten at the event');
  }

  private check(): void {
    this.queues.forEach((queue, n) => {
      assert.is(queue.getters.length, 0, `getters are left at queue ${n}`);
      assert.is(queue.putters.length, 0, `putters are left at queue ${n}`);
      while (!queue.empty()) this.takes[n]!.push(queue.getNowait());
      assert.equal(this.takes[n], this.puts[n], `the items of queue ${n}`);
    });
    assert.is(this.held, 0);
    assert.is(this.semaphore.counter, this.permits, 'the permits');
    assert.is(this.semaphore.linkcount(), 0);
    assert.is(this.event.linkcount(), 0);
    for (const g of this.greenlets) {
      const error = g.exception;
      if (error !== undefined && !isInterrupt(error) && (error as Error).message !== 'killed') throw error;
    }
  }

  private start(steps: number, depth: number): Greenlet<void> {
    const id = this.greenlets.length;
    const g = spawn(() => this.body(id, steps, depth));
    // Its error is looked at in the end.
    g.rawlink(() => undefined);
    this.greenlets.push(g);
    return g;
  }

  private *body(id: number, steps: number, depth: number): Coroutine {
    for (let n = 0; n < steps && !this.ending; n++) {
      try {
        yield* this.step(id, depth);
      } catch (error) {
        this.trace.push(`${id} ${(error as Error).name}`);
        const interrupted = isInterrupt(error) || (error as Error).message === 'killed';
        if (!interrupted && !['Empty', 'Full'].includes((error as Error).name)) throw error;
        if (interrupted && this.random() < 0.5) throw error;
      } finally {
        // A cleanup that waits.
        if (this.random() < 0.2) yield* sleep(this.below(3));
      }
    }
  }

  private *step(id: number, depth: number): Coroutine {
    const kind = this.below(14);
    this.trace.push(`${id} does ${kind}`);
    if (kind < 3) yield* this.put(this.below(3));
    else if (kind < 6) yield* this.get(this.below(3));
    else if (kind === 6) yield* this.acquire();
    else if (kind === 7) yield* this.hold();
    else if (kind === 8) {
      yield* race([this.event.wait(), sleep(1 + this.below(10))]);
    } else if (kind === 9) {
      if (this.random() < 0.7) this.event.set();
      if (this.random() < 0.7) this.event.clear();
    } else if (kind === 10) yield* sleep(this.below(4));
    else if (kind === 11) yield* this.kill();
    else if (kind === 12 && depth < 2) {
      const child = this.start(1 + this.below(5), depth + 1);
      if (this.random() < 0.5) yield* joinall([child], { timeout: this.below(20) });
    } else {
      const other = this.greenlets[this.below(this.greenlets.length)]!;
      const objects: Waitlike[] =
        other === this.greenlets[id] ? [this.event] : [this.event, other, this.semaphore];
      yield* wait(objects, { timeout: this.below(10), count: 1 + this.below(2) });
    }
  }

  private options(): { timeout?: number; block?: boolean } {
    const kind = this.below(4);
    return kind === 0 ? { timeout: this.below(10) } : kind === 1 ? { block: false } : {};
  }

  private *put(at: number): Coroutine {
    const queue = this.queues[at]!;
    const item = this.items++;
    const options = this.options();
    const parks = queue.full();
    yield* this.limited(
      this.putTurns[at]!.wait(parks, queue.put(item, options), () => {
        this.puts[at]!.push(item);
        return true;
      }),
    );
  }

  private *get(at: number): Coroutine {
    const queue = this.queues[at]!;
    const options = this.options();
    const parks = queue.empty();
    // A race takes an item only when it is won with it.
    const raced = this.random() < 0.2;
    const got: Waitable<number | undefined> = raced
      ? (race([queue.get(), sleep(1 + this.below(5))]) as Waitable<number | undefined>)
      : queue.get(options);
    yield* this.limited(
      this.getTurns[at]!.wait(parks, got, (item) => {
        if (item === undefined) return false;
        this.takes[at]!.push(item);
        if (queue instanceof JoinableQueue) queue.taskDone();
        return true;
      }),
    );
  }

  private *acquire(): Coroutine {
    let taken = false;
    const parks = this.semaphore.locked();
    const timeout = this.random() < 0.5 ? this.below(10) : null;
    try {
      yield* this.limited(
        this.permitTurns.wait(parks, this.semaphore.acquire({ timeout }), (yes) => {
          taken = yes;
          return yes;
        }),
      );
      if (taken) yield* this.inside();
    } finally {
      if (taken) this.semaphore.release();
    }
  }

  private *hold(): Coroutine {
    using _held = yield* this.semaphore.hold();
    yield* this.inside();
  }

  private *inside(): Coroutine {
    this.held++;
    try {
      assert.ok(this.held <= this.permits, `${this.held} hold ${this.permits} permits`);
      yield* sleep(this.below(5));
    } finally {
      this.held--;
    }
  }

  /** Sometimes with a timeout around it. */
  private *limited(body: Coroutine): Coroutine {
    if (this.random() < 0.3) yield* withTimeout(this.below(8), body);
    else yield* body;
  }

  private *kill(): Coroutine {
    const victim = this.greenlets[this.below(this.greenlets.length)]!;
    const error = this.random() < 0.3 ? new Error('killed') : undefined;
    const kind = this.below(3);
    if (kind === 0) victim.kill(error, { block: false });
    else if (kind === 1) yield* victim.kill(error, { timeout: this.below(10) });
    else killall([victim, this.greenlets[0]!], { block: false });
  }
}

const test = suite('random programs');
const SEEDS = 400;
const PER_TEST = 50;

for (let first = 0; first < SEEDS; first += PER_TEST) {
  test(`seeds ${first} to ${first + PER_TEST - 1}`, { timeout: 30_000 }, async () => {
    for (let seed = first; seed < first + PER_TEST; seed++) {
      try {
        const program = new Program(seed);
        await withVirtualTime(() => program.run());
        if (seed % 10 !== 0) continue;
        const again = new Program(seed);
        await withVirtualTime(() => again.run());
        assert.equal(again.trace, program.trace, 'a second run');
      } catch (error) {
        (error as Error).message = `seed ${seed}: ${(error as Error).message}`;
        throw error;
      }
    }
  });
}

test.run();
