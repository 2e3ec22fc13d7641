import { type Coroutine, isInterrupt, sleep, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import { Killed, type WorkerBody } from './crew.ts';
import { thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.Barrier`. */
export interface BarrierLike {
  readonly parties: number;
  readonly nWaiting: number;
  readonly broken: boolean;
  wait(options?: { timeout?: number | null | undefined }): Waitable<number>;
  reset(): void;
  abort(): void;
}

/** How a barrier of a contract is made. */
export interface BarrierMaking {
  /** Milliseconds that each wait may take. */
  timeout?: number;
  /** What is called before anybody leaves: one of `barrierActions`. */
  action?: BarrierActionName;
}

export interface BarrierAdapter extends World {
  make(parties: number, making?: BarrierMaking): BarrierLike;
}

const SHORT = 60;
const ascending = (a: unknown, b: unknown): number => (a as number) - (b as number);
const PARTIES = 5;

/** Where the counting action of a worker counts: an action has no arguments, and may be called in any worker. */
let counted: Tally | null = null;

/** What barriers call before anybody leaves, by name. */
export const barrierActions = {
  counts(): void {
    if (counted !== null) count(counted, 3);
  },
  fails(): never {
    throw new RangeError('the action failed');
  },
};

export type BarrierActionName = keyof typeof barrierActions;

/** Waits at a barrier: the number it gives, or the name of the error. */
function* pass(barrier: BarrierLike, timeout?: number): Coroutine<number | string> {
  try {
    return yield* barrier.wait(timeout === undefined ? undefined : { timeout });
  } catch (error) {
    if (error instanceof Killed || isInterrupt(error)) throw error;
    return (error as Error).name;
  }
}

export const barrierBodies = {
  /** Counts before and after each of `rounds` passes: how often it saw another one ahead or behind. */
  *barrierLockstep(_index: number, barrier: BarrierLike, tally: Tally, rounds: number): Coroutine<number> {
    let wrong = 0;
    for (let round = 0; round < rounds; round++) {
      count(tally, 0);
      if (read(tally, 1) !== round * barrier.parties) wrong++;
      yield* barrier.wait();
      count(tally, 1);
      if (read(tally, 0) !== (round + 1) * barrier.parties) wrong++;
      yield* barrier.wait();
    }
    return wrong;
  },

  /** Passes once; says so with how often the action had run by then. */
  *barrierOnce(_index: number, barrier: BarrierLike, tally: Tally, timeout?: number): Coroutine<unknown[]> {
    counted = tally;
    count(tally, 0);
    const [outcome, elapsed] = yield* timed<number | string>(pass(barrier, timeout));
    return [outcome, read(tally, 3), elapsed];
  },

  /** Passes; then one aborts, and the others try to pass again. */
  *barrierAbort(_index: number, barrier: BarrierLike): Coroutine<number | string> {
    if ((yield* barrier.wait()) === 2) {
      barrier.abort();
      return 'aborted';
    }
    return yield* pass(barrier);
  },

  /** Passes; one resets when the others wait again; all pass again. */
  *barrierReset(_index: number, barrier: BarrierLike): Coroutine<(number | string)[]> {
    let second: number | string = 'reset';
    if ((yield* barrier.wait()) === 2) {
      while (barrier.nWaiting < barrier.parties - 1) yield* sleep(1);
      barrier.reset();
    } else second = yield* pass(barrier);
    return [second, yield* pass(barrier)];
  },

  /** Passes; one aborts; all meet at another barrier, where one resets the first; all pass it again. */
  *barrierRepair(_index: number, barrier: BarrierLike, meeting: BarrierLike): Coroutine<(number | string)[]> {
    let second: number | string = 'aborted';
    if ((yield* barrier.wait()) === 2) barrier.abort();
    else second = yield* pass(barrier);
    if ((yield* meeting.wait()) === 0) barrier.reset();
    yield* meeting.wait();
    return [second, yield* pass(barrier)];
  },
} satisfies Record<string, WorkerBody>;

const numbers = Array.from({ length: PARTIES }, (_, n) => n);

/** How many of the outcomes are this error. */
const broken = (outcomes: unknown[]): number =>
  outcomes.filter((name) => name === 'BrokenBarrierError').length;

export const barrierCases: Contract<BarrierAdapter> = {
  *'what is no number of parties is a RangeError'({ make }) {
    for (const parties of [0, -1, 1.5])
      assert.is(yield* thrown(() => make(parties)), 'RangeError', `${parties}`);
  },

  *'a barrier for one never waits'({ make }) {
    const barrier = make(1);
    assert.is(yield* barrier.wait(), 0);
    assert.is(yield* barrier.wait(), 0);
    assert.is(barrier.parties, 1);
  },

  *'B01: five in lockstep, ten times'({ make }, scene) {
    const barrier = make(PARTIES);
    const tally = scene.tally();
    const wrong = yield* scene.crew(PARTIES, 'barrierLockstep', barrier, tally, 10).results();
    assert.equal(wrong, [0, 0, 0, 0, 0], 'how often one was ahead or behind');
    assert.is(read(tally, 1), 10 * PARTIES);
    assert.is(barrier.nWaiting, 0);
    assert.is(barrier.broken, false);
  },

  *'B02: wait gives each of 0 to 4 once'({ make }, scene) {
    const barrier = make(PARTIES);
    for (let round = 0; round < 3; round++) {
      const results = (yield* scene
        .crew(PARTIES, 'barrierOnce', barrier, scene.tally())
        .results()) as number[][];
      assert.equal(results.map(([n]) => n).toSorted(ascending), numbers);
    }
  },

  *'B02: the action has run once before anybody leaves'({ make }, scene) {
    const tally = scene.tally();
    const barrier = make(PARTIES, { action: 'counts' });
    for (const rounds of [1, 2]) {
      const results = (yield* scene.crew(PARTIES, 'barrierOnce', barrier, tally).results()) as number[][];
      // One that is slow to look may see no more than the next round has done, and there is none yet.
      for (const [, seen] of results) assert.is(seen, rounds);
    }
  },

  *'an action that fails breaks the barrier; its error is for the one who ran it'({ make }, scene) {
    const barrier = make(PARTIES, { action: 'fails' });
    const results = (yield* scene
      .crew(PARTIES, 'barrierOnce', barrier, scene.tally())
      .results()) as unknown[][];
    const outcomes = results.map(([outcome]) => outcome);
    assert.is(broken(outcomes), PARTIES - 1);
    assert.is(outcomes.filter((name) => name === 'RangeError').length, 1);
    assert.is(barrier.broken, true);
  },

  *'nWaiting counts those who wait'({ make }, scene) {
    const barrier = make(3);
    const tally = scene.tally();
    const crew = scene.crew(2, 'barrierOnce', barrier, tally);
    yield* scene.reaches(tally, 0, 2);
    for (let n = 0; n < 5000 && barrier.nWaiting < 2; n++) yield* sleep(1);
    assert.is(barrier.nWaiting, 2);
    yield* barrier.wait();
    yield* crew.results();
    assert.is(barrier.nWaiting, 0);
  },

  *'abort breaks it for those who wait and those who come'({ make }, scene) {
    const barrier = make(PARTIES);
    const outcomes = yield* scene.crew(PARTIES, 'barrierAbort', barrier).results();
    assert.is(broken(outcomes), PARTIES - 1);
    assert.is(barrier.broken, true);
    assert.is(yield* pass(barrier), 'BrokenBarrierError');
  },

  *'reset frees those who wait with an error, and the barrier works on'({ make }, scene) {
    const barrier = make(PARTIES);
    const outcomes = (yield* scene.crew(PARTIES, 'barrierReset', barrier).results()) as unknown[][];
    assert.is(broken(outcomes.map(([second]) => second)), PARTIES - 1);
    assert.equal(outcomes.map(([, third]) => third).toSorted(ascending), numbers);
    assert.is(barrier.broken, false);
  },

  *'a reset of one where nobody waits does nothing'({ make }, scene) {
    const barrier = make(PARTIES);
    barrier.reset();
    assert.is(barrier.broken, false);
    const results = (yield* scene
      .crew(PARTIES, 'barrierOnce', barrier, scene.tally())
      .results()) as number[][];
    assert.equal(results.map(([n]) => n).toSorted(ascending), numbers);
  },

  *'a reset mends one that was aborted'({ make }, scene) {
    const barrier = make(PARTIES);
    const meeting = make(PARTIES);
    const outcomes = (yield* scene.crew(PARTIES, 'barrierRepair', barrier, meeting).results()) as unknown[][];
    assert.is(broken(outcomes.map(([second]) => second)), PARTIES - 1);
    assert.equal(outcomes.map(([, third]) => third).toSorted(ascending), numbers);
  },

  *'a time limit that is up breaks it for all'({ make }, scene) {
    const barrier = make(PARTIES);
    const tally = scene.tally();
    const patient = scene.crew(3, 'barrierOnce', barrier, tally);
    yield* scene.reaches(tally, 0, 3);
    const [[outcome, , elapsed]] = (yield* scene.crew(1, 'barrierOnce', barrier, tally, SHORT).results()) as [
      [unknown, number, number],
    ];
    assert.is(outcome, 'BrokenBarrierError');
    scene.took(elapsed, SHORT);
    assert.is(broken(((yield* patient.results()) as unknown[][]).map(([name]) => name)), 3);
    assert.is(barrier.broken, true);
  },

  *'the limit it was made with is for each wait that has none'({ make }, scene) {
    const barrier = make(2, { timeout: SHORT });
    const [[outcome, , elapsed]] = (yield* scene
      .crew(1, 'barrierOnce', barrier, scene.tally())
      .results()) as [[unknown, number, number]];
    assert.is(outcome, 'BrokenBarrierError');
    scene.took(elapsed, SHORT);
  },

  *'one that is killed or timed out from outside breaks it: the others would wait for ever'({ make }, scene) {
    for (const how of ['killed', 'timed out']) {
      const barrier = make(3);
      const wait = (): Waitable<number> => barrier.wait();
      const other = scene.start(wait);
      const victim = scene.start(() => (how === 'killed' ? barrier.wait() : withTimeout(SHORT, wait)));
      yield* scene.settle();
      assert.is(barrier.nWaiting, 2);
      if (how === 'killed') victim.kill();
      assert.is(yield* thrown(() => victim.outcome()), how === 'killed' ? 'Killed' : 'Timeout');
      assert.is(yield* thrown(() => other.outcome()), 'BrokenBarrierError');
      assert.is(barrier.broken, true);
      barrier.reset();
      const members = [scene.start(wait), scene.start(wait)];
      const outcomes = [yield* barrier.wait()];
      for (const member of members) outcomes.push(yield* member.outcome());
      assert.equal(outcomes.toSorted(ascending), [0, 1, 2]);
    }
  },
};

/** Holds a barrier to its contract: cases B01, B02 and what greenlets add. */
export function barrierContract(adapter: BarrierAdapter): void {
  hold(barrierCases, adapter);
}
