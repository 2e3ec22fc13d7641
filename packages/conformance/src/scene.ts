import { type Coroutine, getHub, sleep, type Waitable } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Crew, Member } from './crew.ts';
import { read, sharedTally, type Tally } from './tally.ts';

/** Where the workers of a contract are, and how they are made: the part of an adapter that is the same for all. */
export interface World {
  /** What is held to the contract: the name of the suite. */
  readonly name: string;
  /** Starts workers that run a body of `bodies` with their index and these arguments. */
  crew(count: number, body: string, ...args: unknown[]): Crew;
  /** Waits until workers that have said they are about to wait do so; what cannot be known is given some time. */
  settle(): Waitable<unknown>;
  /** Makes a tally whose slots are 0; shared memory unless told. */
  tally?(slots: number): Tally;
  /** Runs the body of a test, as `withVirtualTime` does. */
  run?(body: () => Coroutine<void>): unknown;
  /**
   * Whether the state is kept elsewhere: to take what is free takes the time of a question, as `putNowait` and `getNowait` do,
   * and what has been done before is known a moment later.
   */
  readonly remote?: boolean;
  /** How many milliseconds more than its time a wait may take; 5,000 unless told, as machines are slow at times. */
  readonly slack?: number;
  /** Milliseconds until a test counts as hung. */
  readonly deadline?: number;
}

/** How long the tester waits for workers to get somewhere, in milliseconds. */
const PATIENCE = 8000;
/** How much earlier than asked a native timer may come, on the clock that is read here. */
const EARLY = 2;

/** One test: it keeps the workers that it starts, and lets none outlive it. */
export class Scene {
  private readonly world: World;
  private readonly crews: Crew[] = [];
  private readonly members: Member<unknown>[] = [];

  constructor(world: World) {
    this.world = world;
  }

  /** Starts workers, wherever the adapter has them. */
  crew(count: number, body: string, ...args: unknown[]): Crew {
    const crew = this.world.crew(count, body, ...args);
    this.crews.push(crew);
    return crew;
  }

  /** Starts a greenlet in this thread: for what only greenlets know, as kills. */
  start<T>(body: () => Coroutine<T> | Waitable<T>): Member<T> {
    const member = new Member<T>(`member ${this.members.length}`, body);
    this.members.push(member as Member<unknown>);
    return member;
  }

  tally(slots = 4): Tally {
    return this.world.tally?.(slots) ?? sharedTally(slots);
  }

  settle(): Waitable<unknown> {
    return this.world.settle();
  }

  /** Waits, where the state is kept elsewhere, until what has been done by now is known there and here. */
  *known(): Coroutine {
    if (this.world.remote === true) yield* this.world.settle() as Waitable<void>;
  }

  /** Waits until workers have counted so far, and sees that they count no further. */
  *reaches(tally: Tally, slot: number, wanted: number): Coroutine {
    const end = getHub().now() + PATIENCE;
    while (read(tally, slot) < wanted && getHub().now() < end) yield* sleep(1);
    yield* this.settle();
    assert.is(read(tally, slot), wanted, `workers that have come to point ${slot}`);
  }

  /** Checks that a wait of `wanted` milliseconds took neither less nor far more. */
  took(elapsed: number, wanted: number): void {
    const slack = this.world.slack ?? 5000;
    const early = slack === 0 ? 0 : EARLY;
    assert.ok(
      elapsed >= wanted - early && elapsed <= wanted + slack,
      `a wait of ${wanted} ms took ${elapsed} ms`,
    );
  }

  /** Waits for all workers of a test that went well; ends those of one that did not. */
  *end(well: boolean): Coroutine {
    if (!well) {
      for (const crew of this.crews) crew.kill?.();
      for (const member of this.members) if (!member.done) member.kill();
      // The next test is not to meet them on their way out.
      yield* this.settle();
      return;
    }
    for (const crew of this.crews) yield* crew.results();
    for (const member of this.members) assert.ok(member.done, 'a greenlet of the test has not ended');
  }
}

/** How many milliseconds a wait takes, and what it gives. */
export function* timed<T>(wait: Iterable<unknown>): Coroutine<[T, number]> {
  const before = getHub().now();
  const value = yield* wait as Coroutine<T>;
  return [value, getHub().now() - before];
}

/** The name of what an action or a wait throws; 'nothing' when it does not. */
export function* thrown(action: () => unknown): Coroutine<string> {
  try {
    const result = action();
    if (result !== null && typeof result === 'object' && Symbol.iterator in result) {
      yield* result as Coroutine<unknown>;
    }
  } catch (error) {
    return (error as Error).name;
  }
  return 'nothing';
}
