import { type Coroutine, getHub, until, type Waitable, withTimeout } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { type Contract, hold } from './contract.ts';
import type { WorkerBody } from './crew.ts';
import { type Scene, thrown, timed, type World } from './scene.ts';
import { count, read, type Tally } from './tally.ts';

/** Python: `threading.Event`. */
export interface EventLike {
  isSet(): boolean;
  set(): void;
  clear(): void;
  wait(options?: { timeout?: number | null | undefined }): Waitable<boolean>;
}

export interface EventAdapter extends World {
  /** Makes one that is not set. */
  make(): EventLike;
  /** Whether those who wait in one thread go on in the order in which they came; they do unless told. */
  readonly fifo?: boolean;
  /** Whether one who comes after set and clear, but before those who waited have gone on, goes on with them; not unless told. */
  readonly takesLatecomers?: boolean;
}

const SHORT = 60;

export const eventBodies = {
  /** Waits twice, and counts each. */
  *eventTwice(_index: number, event: EventLike, tally: Tally): Coroutine<boolean[]> {
    count(tally, 0);
    const first = yield* event.wait();
    count(tally, 1);
    const second = yield* event.wait();
    return [first, second];
  },

  /** Waits once. */
  *eventOnce(_index: number, event: EventLike, tally: Tally): Coroutine<boolean> {
    count(tally, 0);
    return yield* event.wait();
  },

  /** Looks at once, then waits for some time: what came of both, and after how long. */
  *eventLimited(_index: number, event: EventLike, timeout: number): Coroutine<[boolean, boolean, number]> {
    const now = yield* event.wait({ timeout: 0 });
    const [later, elapsed] = yield* timed<boolean>(event.wait({ timeout }));
    return [now, later, elapsed];
  },

  /** Answers each `ping` with a `pong`. */
  *eventPong(_index: number, ping: EventLike, pong: EventLike, rounds: number): Coroutine {
    for (let round = 0; round < rounds; round++) {
      yield* ping.wait();
      ping.clear();
      pong.set();
    }
  },
} satisfies Record<string, WorkerBody>;

function* notifies(scene: Scene, event: EventLike): Coroutine {
  const tally = scene.tally();
  const crew = scene.crew(5, 'eventTwice', event, tally);
  yield* scene.reaches(tally, 0, 5);
  assert.is(read(tally, 1), 0, 'nobody goes on before it is set');
  event.set();
  assert.equal(
    yield* crew.results(),
    Array.from({ length: 5 }, () => [true, true]),
  );
}

export const eventCases: Contract<EventAdapter> = {
  *'set and cleared, also twice'({ make }) {
    const event = make();
    assert.is(event.isSet(), false);
    event.set();
    assert.is(event.isSet(), true);
    event.set();
    assert.is(event.isSet(), true);
    event.clear();
    assert.is(event.isSet(), false);
    event.clear();
    assert.is(event.isSet(), false);
  },

  *'E01: set lets all five on, and whoever waits later'({ make }, scene) {
    const event = make();
    yield* notifies(scene, event);
    event.set();
    event.clear();
    yield* notifies(scene, event);
  },

  *'one that is set is waited for without parking'({ make }) {
    const event = make();
    event.set();
    const before = getHub().switches;
    assert.is(yield* event.wait(), true);
    assert.is(yield* event.wait({ timeout: 0 }), true);
    assert.is(getHub().switches, before);
  },

  *'E01: a time limit is waited for, and says false; true when it is set'({ make }, scene) {
    const event = make();
    for (const [now, later, elapsed] of (yield* scene.crew(5, 'eventLimited', event, SHORT).results()) as [
      boolean,
      boolean,
      number,
    ][]) {
      assert.equal([now, later], [false, false]);
      scene.took(elapsed, SHORT);
    }
    event.set();
    yield* scene.known();
    for (const [now, later] of (yield* scene
      .crew(5, 'eventLimited', event, SHORT)
      .results()) as boolean[][]) {
      assert.equal([now, later], [true, true]);
    }
  },

  *'set and cleared at once lets all on who wait, and no others'({ make, takesLatecomers = false }, scene) {
    const event = make();
    const tally = scene.tally();
    const crew = scene.crew(5, 'eventOnce', event, tally);
    yield* scene.reaches(tally, 0, 5);
    event.set();
    event.clear();
    assert.is(yield* event.wait({ timeout: 10 }), takesLatecomers, 'who comes later');
    assert.equal(yield* crew.results(), [true, true, true, true, true]);
    assert.is(event.isSet(), false);
  },

  *'clear is heeded by those who wait after it'({ make }, scene) {
    const event = make();
    event.set();
    assert.is(yield* event.wait(), true);
    event.clear();
    const [got, elapsed] = yield* timed<boolean>(event.wait({ timeout: SHORT }));
    assert.is(got, false);
    scene.took(elapsed, SHORT);
  },

  *'a hundred rounds of ping and pong: no set is forgotten'({ make }, scene) {
    const ping = make();
    const pong = make();
    const crew = scene.crew(1, 'eventPong', ping, pong, 100);
    for (let round = 0; round < 100; round++) {
      ping.set();
      assert.is(yield* pong.wait({ timeout: 7000 }), true, `round ${round}`);
      pong.clear();
    }
    yield* crew.results();
  },

  'those who wait go on in the order in which they came': {
    when: (adapter) => adapter.fifo !== false,
    *body({ make }, scene) {
      const event = make();
      const order: number[] = [];
      const members = [1, 2, 3, 4].map((n) =>
        scene.start(function* () {
          yield* event.wait({ timeout: n === 2 ? 7000 : null });
          order.push(n);
        }),
      );
      yield* scene.settle();
      event.set();
      for (const member of members) yield* member.outcome();
      assert.equal(order, [1, 2, 3, 4]);
    },
  },

  *'a kill or a Timeout of one takes nothing from the others'({ make }, scene) {
    const event = make();
    const wait = (): Waitable<boolean> => event.wait();
    const before = scene.start(wait);
    const victim = scene.start(wait);
    const late = scene.start(function* () {
      return yield* withTimeout(SHORT, () => event.wait({ timeout: 7000 }), { value: 'late' });
    });
    const after = scene.start(wait);
    yield* scene.settle();
    victim.kill();
    assert.is(yield* thrown(() => victim.outcome()), 'Killed');
    assert.is(yield* late.outcome(), 'late', 'the outer time is up first');
    assert.is(before.done || after.done, false);
    event.set();
    assert.equal([yield* before.outcome(), yield* after.outcome()], [true, true]);
  },

  *'a kill as it is set reaches its victim, and the others go on'({ make }, scene) {
    const event = make();
    const wait = (): Waitable<boolean> => event.wait();
    const victim = scene.start(wait);
    const other = scene.start(wait);
    yield* scene.settle();
    victim.kill();
    event.set();
    event.clear();
    assert.is(yield* other.outcome(), true);
    assert.is(yield* thrown(() => victim.outcome()), 'Killed');
  },

  *'await waits as yield* does'({ make }) {
    const event = make();
    const got = yield* until(async () => {
      const waits = [event.wait(), event.wait({ timeout: 7000 })].map((wait) => wait.then((set) => set));
      event.set();
      return [...(await Promise.all(waits)), await event.wait({ timeout: 1 })];
    });
    assert.equal(got, [true, true, true]);
  },
};

/** Holds an event to its contract: case E01 and what greenlets add. */
export function eventContract(adapter: EventAdapter): void {
  hold(eventCases, adapter);
}
