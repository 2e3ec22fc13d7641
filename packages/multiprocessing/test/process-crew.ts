/** Processes that are kept, and run the members of crews. */
import type { Crew } from '@switchyard/conformance';
import { type Coroutine, Waiter } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { Call, type Exit, type Peer } from '@switchyard/remote/core';
import { startChild } from '../src/start-child.ts';
import { work } from './crew-tasks.ts';

/** A crew has at most so many processes: further members are greenlets in the same ones. */
const MOST = 5;

/** A process that is kept for the next crew. */
class Hand {
  readonly number: number;
  private peer: Peer | null = null;

  constructor(number: number) {
    this.number = number;
  }

  start(): void {
    this.peer ??= startChild({ exited: () => (this.peer = null) }, { daemon: true });
    this.peer.runtime.unref();
  }

  run(call: Call): void {
    this.start();
    this.peer?.runtime.ref();
    this.peer?.push(call);
  }

  rest(): void {
    this.peer?.runtime.unref();
    idle.push(this);
  }

  kill(): void {
    this.peer?.runtime.kill();
  }
}

const idle: Hand[] = [];
let hands = 0;

function nextHand(): Hand {
  return idle.pop() ?? new Hand(++hands);
}

/** Has processes ready, so that none is started in a test. */
export function startHands(count: number): void {
  while (idle.length < count) {
    const hand = new Hand(++hands);
    hand.start();
    idle.push(hand);
  }
}

/** What one process of a crew does. */
class Share extends Call {
  readonly hand: Hand;
  done = false;
  private failed = false;
  private outcome: unknown = undefined;
  private readonly waiters: Waiter[] = [];

  constructor(hand: Hand, args: readonly unknown[]) {
    super(work, [hand.number, ...args], 0);
    this.hand = hand;
    hand.run(this);
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.done = true;
    this.failed = failed;
    this.outcome = outcome;
    this.hand.rest();
    for (const waiter of this.waiters) waiter.wake();
  }

  override lost(exit: Exit): void {
    this.settled(true, new Error(`a process of a crew has ended: ${JSON.stringify(exit)}`));
  }

  *result(): Coroutine<unknown[]> {
    if (!this.done) {
      const waiter = new Waiter();
      this.waiters.push(waiter);
      yield* waiter;
    }
    if (this.failed) throw this.outcome;
    return this.outcome as unknown[];
  }
}

/** A crew of processes. */
export function processCrew(count: number, body: string, ...args: unknown[]): Crew {
  const width = Math.min(count, MOST);
  const shares = Array.from({ length: width }, (_, first) => {
    const indexes: number[] = [];
    for (let index = first; index < count; index += width) indexes.push(index);
    return { indexes, share: new Share(nextHand(), [body, indexes, args]) };
  });
  return {
    results: () =>
      new Block<unknown[]>('the processes of a crew', function* () {
        const results: unknown[] = [];
        for (const { indexes, share } of shares) {
          const outcomes = yield* share.result();
          for (const [at, index] of indexes.entries()) results[index] = outcomes[at];
        }
        return results;
      }),
    kill() {
      for (const { share } of shares) if (!share.done) share.hand.kill();
    },
  };
}
