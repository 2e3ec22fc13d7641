import { AsyncResource } from 'node:async_hooks';
import type { Greenlet } from '@switchyard/greenlet';
import { enter, ERROR, native, Switch, transfer, used, VALUE } from '@switchyard/greenlet/scheduler';
import type { BlockMessage } from './channels.ts';
import { captureContext, contextsAreSnapshots } from './context.ts';
import { InvalidSwitchError } from './errors.ts';
import { Outsiders } from './outsiders.ts';
import { Registry } from './registry.ts';
import { type ErrorHook, Reports } from './reports.ts';
import { Ring, type Queued } from './ring.ts';
import { format, type GreenletInfo } from './runinfo.ts';
import { Timers } from './timers.ts';

/** How long the run queue may be drained before timers and sockets get their turn. */
const BUDGET = 5;
/** Looking at the clock costs as much as a switch, so it is done once for so many entries. */
const CHECK = 64;
/** The longest delay that a native timer takes. */
const FAR = 2 ** 31 - 1;

const NEVER = 0;
const SOON = 1;
const NEXT_TURN = 2;

/** A clock other than the real one. @internal */
export interface Clock {
  now(): number;
  /** The earliest timer is due at `deadline`; see that `hub.tick()` is called then. */
  alarm(deadline: number): void;
  /** The run queue has just been drained. */
  drained(): void;
}

/** Somebody who follows what greenlets start in async code: monkey patches. @internal */
export interface Scopes {
  /** The async context of a greenlet that is being started, in the place of the caller's own. */
  contextOf(greenlet: Greenlet): AsyncResource;
  /** An error is about to be thrown into a greenlet from outside. */
  interrupted(greenlet: Greenlet, error: unknown): void;
}

/**
 * The event loop's side of greenlets: one first-in first-out run queue, one heap of timers. Nothing switches inside of
 * its caller: whoever wakes somebody appends to the queue, and the hub drains it for at most 5 ms at a time before
 * timers and sockets get their turn.
 *
 * Python: `gevent.hub.Hub`.
 */
export class Hub {
  /** How many times a greenlet has been resumed. */
  switches = 0;
  /** @internal */
  readonly registry = new Registry();
  /** @internal */
  readonly timers = new Timers({ set: (deadline) => this.alarm(deadline) });
  /** The errors that nobody observes. @internal */
  readonly reports: Reports = new Reports(this);
  /** Those who wait outside of any greenlet. @internal */
  readonly outsiders: Outsiders = new Outsiders(this);
  /** Called, oldest first, when the queue has run empty; each once. @internal */
  readonly idlers: Queued[] = [];
  /** How many promises are waited for: work that virtual time must not overtake. @internal */
  outside = 0;
  /** The interrupt that is being thrown, for the operation that it cuts short. @internal */
  interruption: unknown = null;
  /** A clock other than the real one, while virtual time runs. @internal */
  clock: Clock | null = null;
  /** Who follows what greenlets start in async code, if somebody does. @internal */
  scopes: Scopes | null = null;
  /** While the program ends: who has been killed already, as nobody is killed twice then. @internal */
  ending: WeakSet<Greenlet> | null = null;
  /**
   * Told of each time that the event loop was held, once a detector runs (`detectBlocking` of `@switchyard/gevent`); by
   * default that is printed on stderr. Set it to `null` to have the default back.
   */
  onBlock: ((block: BlockMessage) => void) | null = null;

  private readonly ring = new Ring();
  // Link callbacks and the like must not see the async context of whoever happened to wake the hub.
  private readonly root = new AsyncResource('Hub', { requireManualDestroy: true });
  private armed = NEVER;
  private busy = false;
  private quickDrains = 0;
  /** When the event loop is known to have turned. */
  private turned = 0;
  private native: NodeJS.Timeout | null = null;
  private nativeDue = Infinity;
  /** Plain code in the event loop: the parent of all that it runs. @internal */
  readonly self: Greenlet = native('hub');

  constructor() {
    this.self.unreachable = (from) =>
      new InvalidSwitchError(
        from.dead
          ? `greenlet ${from.name} ended where it was switched to by run() from plain code, which its parent, the hub, ` +
              'cannot answer: the hub itself resumes the greenlets that it runs'
          : `greenlet ${from.name} cannot wait here: it was switched to by run() from plain code, which cannot let the ` +
              'event loop turn; spawn() it, or await what it waits for',
      );
    const toHub = new Switch(this.self, VALUE, undefined, 1);
    toHub.away = true;
    used();
    parkedResult = { done: false, value: toHub };
  }

  /** Milliseconds on the clock that sleeps and timeouts are measured by: monotonic, and virtual in virtual time. */
  now(): number {
    return this.clock === null ? performance.now() : this.clock.now();
  }

  /**
   * Told once of each error that nobody observed, with the greenlet that failed (null when it was a callback in the hub);
   * by default it is printed on stderr. Set it to `null` to have the default back.
   */
  get onError(): ErrorHook | null {
    return this.reports.hook;
  }

  set onError(hook: ErrorHook | null) {
    this.reports.hook = hook;
  }

  /** How many greenlets have been started and not ended. */
  get alive(): number {
    return this.registry.size;
  }

  /**
   * Whether the place where each greenlet is spawned is recorded (1 to 2 us a spawn), to be told with its error and in
   * run info. Off by default, on with the environment variable `SWITCHYARD_TRACK=1`.
   */
  get trackSpawnSites(): boolean {
    return this.registry.tracking;
  }

  set trackSpawnSites(on: boolean) {
    this.registry.tracking = on;
  }

  /** The live greenlets as a forest, each below the one that spawned it, in order of spawning. */
  runInfo(): GreenletInfo[] {
    return this.registry.tree();
  }

  /** `runInfo()` as an indented text: a line for each greenlet with its name, state and what it waits for. */
  formatRunInfo(): string {
    return format(this.runInfo());
  }

  /** Appends to the run queue. @internal */
  schedule(entry: Queued): void {
    this.ring.push(entry);
    if (!this.busy && this.armed === NEVER) this.arm();
  }

  /** Puts the entry whose turn it is back to the front: it has more to do than one turn should take. @internal */
  again(entry: Queued): void {
    this.ring.unshift(entry);
  }

  /** Whether entries wait in the run queue. @internal */
  get runnable(): boolean {
    return this.ring.length > 0;
  }

  /** Resumes a greenlet, in its own async context, until it parks or ends. To be called in the hub only. @internal */
  switchTo(greenlet: Greenlet, kind: number, value: unknown): void {
    this.switches++;
    const context = greenlet.context as AsyncResource | null;
    try {
      if (context === null) transfer(greenlet, kind, value, 1);
      else {
        // Handed over beside the call: arguments would be collected in an array and spread again at every switch.
        next = greenlet;
        nextKind = kind;
        nextValue = value;
        context.runInAsyncScope(resumeNext);
      }
    } catch (error) {
      // It ended with an error, and its parent is the hub.
      this.reports.report(error, greenlet);
    }
  }

  private arm(): void {
    this.armed = SOON;
    void settled.then(this.drainSoon);
  }

  private readonly drainSoon = (): void => {
    // A chain of promise jobs must not starve the event loop, however short each drain is. After a quiet time this gives
    // way to a loop that has turned long since, which costs less than watching all of its turns would.
    if (++this.quickDrains >= CHECK) {
      this.quickDrains = 0;
      if (performance.now() - this.turned > BUDGET) {
        this.armed = NEXT_TURN;
        setImmediate(this.drainTurn);
        return;
      }
    }
    this.root.runInAsyncScope(this.drain, this);
  };

  private readonly drainTurn = (): void => {
    this.turned = performance.now();
    this.root.runInAsyncScope(this.drain, this);
  };

  private drain(): void {
    this.armed = NEVER;
    const before = this.begin();
    let end = 0;
    let count = 0;
    try {
      for (;;) {
        while (this.ring.length > 0) {
          const entry = this.ring.shift();
          try {
            entry.turn();
          } catch (error) {
            this.reports.report(error, null);
          }
          if (++count % CHECK === 0) {
            const now = performance.now();
            if (end === 0) end = now + BUDGET;
            else if (now > end) {
              this.armed = NEXT_TURN;
              setImmediate(this.drainTurn);
              return;
            }
          }
        }
        if (this.idlers.length === 0) break;
        for (const idler of this.idlers.splice(0)) this.ring.push(idler);
      }
      this.ring.trim();
    } finally {
      this.end(before);
    }
    if (this.clock !== null) this.clock.drained();
  }

  /** Runs the timers that are due, then the run queue. @internal */
  readonly tick = (): void => {
    this.native = null;
    this.nativeDue = Infinity;
    this.root.runInAsyncScope(this.fireTimers, this);
  };

  private fireTimers(): void {
    const before = this.begin();
    try {
      const now = this.now();
      const latest = this.timers.latest;
      const end = performance.now() + BUDGET;
      let count = 0;
      for (let due = this.timers.take(now, latest); due !== null; due = this.timers.take(now, latest)) {
        try {
          due.fire();
        } catch (error) {
          this.reports.report(error, null);
        }
        if (++count % CHECK === 0 && performance.now() > end) break;
      }
    } finally {
      this.end(before);
    }
    this.alarm(this.timers.next);
    if (this.armed === NEVER) this.drain();
  }

  private begin(): Greenlet {
    this.busy = true;
    return enter(this.self);
  }

  private end(before: Greenlet): void {
    enter(before);
    this.busy = false;
  }

  private alarm(deadline: number): void {
    if (this.clock !== null) {
      this.clock.alarm(deadline);
      return;
    }
    if (deadline === this.nativeDue) return;
    if (deadline === Infinity) {
      clearTimeout(this.native as NodeJS.Timeout);
      this.native = null;
      this.nativeDue = Infinity;
      return;
    }
    // A native timer that comes early finds nothing due and is set again; only a late one would be wrong.
    if (deadline > this.nativeDue && this.native !== null) return;
    if (this.native !== null) clearTimeout(this.native);
    this.nativeDue = deadline;
    const delay = Math.ceil(deadline - performance.now());
    this.native = setTimeout(this.tick, delay < 1 ? 1 : delay > FAR ? FAR : delay);
  }
}

let next: Greenlet = null as never;
let nextKind: number = VALUE;
let nextValue: unknown = undefined;

function resumeNext(): void {
  const greenlet = next;
  const value = nextValue;
  nextValue = undefined;
  if (!contextsAreSnapshots) {
    transfer(greenlet, nextKind, value, 1);
    return;
  }
  try {
    transfer(greenlet, nextKind, value, 1);
  } finally {
    if (!greenlet.dead) greenlet.context = captureContext();
  }
}

const settled = Promise.resolve();

/** What an operation that parks hands to the switcher: a switch to the hub. @internal */
export let parkedResult: { done: false; value: Switch } = null as never;

/** The one hub of this thread. @internal */
export const hub = new Hub();

/**
 * The hub of this thread: error hook, run info, clock. Python: `gevent.get_hub`.
 */
export function getHub(): Hub {
  return hub;
}

export { ERROR, VALUE };
