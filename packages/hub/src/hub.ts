import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import { type Greenlet } from '@switchyard/greenlet';
import { enter, ERROR, native, Switch, transfer, used, VALUE } from '@switchyard/greenlet/scheduler';
import { InvalidSwitchError, LoopExit } from './errors.ts';
import { Registry } from './registry.ts';
import { Ring, type Queued } from './ring.ts';
import { format, type GreenletInfo } from './runinfo.ts';
import { OURS } from './spawn-site.ts';
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

/** Told of an error that nobody observes: a greenlet's, or null for one thrown by a callback in the hub. */
export type ErrorHook = (error: unknown, greenlet: Greenlet | null) => void;

/** A clock other than the real one. @internal */
export interface Clock {
  now(): number;
  /** The earliest timer is due at `deadline`; see that `hub.tick()` is called then. */
  alarm(deadline: number): void;
  /** The run queue has just been drained. */
  drained(): void;
}

/** Somebody outside of any greenlet who waits: an `await`. @internal */
export interface Outsider {
  /** What is waited for, for the tree of a `LoopExit`. */
  describe(): string;
  /** Ends the wait with this error. */
  giveUp(error: LoopExit): void;
}

/**
 * The event loop's side of greenlets: one first-in first-out run queue, one heap of timers. Nothing switches inside of
 * its caller: whoever wakes somebody appends to the queue, and the hub drains it for at most 5 ms at a time before
 * timers and sockets get their turn.
 *
 * Python: `gevent.hub.Hub`.
 */
export class Hub {
  /**
   * Told once of each error that nobody observed; by default it is printed on stderr. Set it to `null` to have the
   * default back.
   */
  onError: ErrorHook | null = null;
  /** How many times a greenlet has been resumed. */
  switches = 0;
  /** @internal */
  readonly registry = new Registry();
  /** @internal */
  readonly timers = new Timers({ set: (deadline) => this.alarm(deadline) });
  /** Those outside who wait, in order of arrival. @internal */
  readonly outsiders = new Set<Outsider>();
  /** Called, oldest first, when the queue has run empty; each once. @internal */
  readonly idlers: Queued[] = [];
  private quiet: { alive: number; finish: () => void }[] = [];
  /** How many promises are waited for: work that virtual time must not overtake. @internal */
  outside = 0;
  /** The interrupt that is being thrown, for the operation that it cuts short. @internal */
  interruption: unknown = null;
  /** A clock other than the real one, while virtual time runs. @internal */
  clock: Clock | null = null;

  private readonly ring = new Ring();
  // Link callbacks and the like must not see the async context of whoever happened to wake the hub.
  private readonly root = new AsyncResource('Hub', { requireManualDestroy: true });
  private armed = NEVER;
  private busy = false;
  private watching = false;
  private quickDrains = 0;
  /** When the event loop is known to have turned. */
  private turned = 0;
  private native: NodeJS.Timeout | null = null;
  private nativeDue = Infinity;
  private suspects: Greenlet[] = [];
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
      this.report(error, greenlet);
    }
  }

  /** Reports an error that nobody can observe. @internal */
  report(error: unknown, greenlet: Greenlet | null): void {
    if (this.onError !== null) {
      try {
        this.onError(error, greenlet);
        return;
      } catch (second) {
        print(second, null, 'The error hook failed');
      }
    }
    print(error, greenlet && this.registry.siteOf(greenlet), greenlet === null ? 'A callback in the hub failed' : `Greenlet ${greenlet.name} failed`);
  }

  /**
   * A greenlet failed and nobody has observed it so far. Those who look within the same turn of the event loop are in
   * time; otherwise it is reported. @internal
   */
  suspect(greenlet: Greenlet): void {
    if (this.suspects.push(greenlet) > 1) return;
    process.once('exit', this.reportSuspects);
    setImmediate(this.checkSuspects);
  }

  private readonly checkSuspects = (): void => {
    if (this.ring.length > 0) setImmediate(this.checkSuspects);
    else this.reportSuspects();
  };

  private readonly reportSuspects = (): void => {
    process.off('exit', this.reportSuspects);
    const suspects = this.suspects;
    this.suspects = [];
    for (const greenlet of suspects) {
      const failure = (greenlet as Greenlet & { unobserved?(): { error: unknown } | null }).unobserved?.();
      if (failure) this.report(failure.error, greenlet);
    }
  };

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
            this.report(error, null);
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
          this.report(error, null);
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

  /** Registers somebody outside who waits, to be told should the event loop run empty. @internal */
  waitOutside(outsider: Outsider): void {
    this.watchLoop();
    this.outsiders.add(outsider);
  }

  private watchLoop(): void {
    if (this.watching) return;
    this.watching = true;
    process.on('beforeExit', this.onEmptyLoop);
  }

  /** Calls `finish` when no more than `alive` greenlets live, or the event loop has run empty. @internal */
  whenQuiet(alive: number, finish: () => void): void {
    this.watchLoop();
    this.quiet.push({ alive, finish });
  }

  /** @internal */
  forgetQuiet(finish: () => void): void {
    this.quiet = this.quiet.filter((entry) => entry.finish !== finish);
  }

  /** Told by the registry of each death. @internal */
  died(): void {
    if (this.quiet.length === 0) return;
    for (const { alive, finish } of this.quiet) if (this.alive <= alive) finish();
    this.quiet = this.quiet.filter((entry) => this.alive > entry.alive);
  }

  private readonly onEmptyLoop = (): void => {
    if (this.quiet.length === 0 && this.outsiders.size === 0) return;
    // Promise jobs alone do not bring this event a second time, should those who are told now wait for ever again.
    setImmediate(() => {});
    if (this.quiet.length > 0) {
      for (const { finish } of this.quiet.splice(0)) finish();
      return;
    }
    const waiting = [...this.outsiders];
    const parked = this.formatRunInfo();
    const error = new LoopExit(
      'This would wait for ever: the event loop has run empty and nothing is left that could wake\n' +
        waiting.map((outsider) => `  await ${outsider.describe()}\n`).join('') +
        (parked === '' ? '' : `Parked greenlets:\n${parked}`),
    );
    this.outsiders.clear();
    for (const outsider of waiting) outsider.giveUp(error);
  };
}

let next: Greenlet = null as never;
let nextKind: number = VALUE;
let nextValue: unknown = undefined;

function resumeNext(): void {
  const value = nextValue;
  nextValue = undefined;
  transfer(next, nextKind, value, 1);
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

function print(error: unknown, site: string | null, headline: string): void {
  const text = inspect(error)
    .split('\n')
    .filter((line) => !OURS.test(line))
    .join('\n');
  process.stderr.write(`${headline}: ${text}${site === null ? '' : `\n  spawned at ${site}`}\n`);
}

export { ERROR, VALUE };
