import { Line, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import type { FileObject } from './files.ts';
import type { Pollable, Watch } from './pollable.ts';
import { round, wake, type Wakeable } from './wake.ts';

/** That a file is watched, for what, and by whom. @internal */
export class Registration<F extends FileObject, E> implements Watch {
  /** As it was given. */
  readonly file: F;
  readonly pollable: Pollable;
  readonly number: number;
  /** Its place in order of registration. */
  readonly order: number;
  mask: number;
  /** Reported once for each edge, not for as long as it lasts. */
  edges: boolean;
  /** Reported once, and then not before the next `modify`. */
  once: boolean;
  armed: boolean;
  /** Whether it is in the ready list. */
  ready: boolean;
  /** Whether it has been taken out, or its file has been closed. */
  dead: boolean;
  /** What was reported last, to be used again: most of what is reported is the same each time. */
  report: E | null;
  private readonly interest: Interest<F, E>;

  constructor(interest: Interest<F, E>, file: F, pollable: Pollable, order: number) {
    this.interest = interest;
    this.file = file;
    this.pollable = pollable;
    this.number = pollable.fileno();
    this.order = order;
    this.mask = 0;
    this.edges = false;
    this.once = false;
    this.armed = true;
    this.ready = false;
    this.dead = false;
    this.report = null;
  }

  hit(): void {
    this.interest.hit(this);
  }

  gone(): void {
    this.interest.gone(this);
  }
}

/**
 * A set of files that are watched, with the list of those that may be ready: a poll looks at these alone, so that it costs the
 * same whether ten or ten thousand are registered. @internal
 */
export abstract class Interest<F extends FileObject, E> implements Wakeable {
  /** @internal */
  queued: boolean;
  /** By number. @internal */
  readonly registrations: Map<number, Registration<F, E>>;
  /** @internal */
  protected readonly waits: Line<Poll<F, E>>;
  private ready: Registration<F, E>[];
  private orders: number;

  constructor() {
    this.queued = false;
    this.registrations = new Map();
    this.waits = new Line();
    this.ready = [];
    this.orders = 0;
  }

  /** How `events` of a registration are reported; null when they are nothing that was asked for. @internal */
  protected abstract entry(registration: Registration<F, E>, events: number): E | null;
  /** Throws, or answers, when it has been closed. @internal */
  abstract ended(): E[] | null;
  /** What one who waits here is doing. @internal */
  abstract describe(): string;

  /** @internal */
  protected add(file: F, pollable: Pollable): Registration<F, E> {
    const registration = new Registration<F, E>(this, file, pollable, this.orders++);
    this.registrations.set(registration.number, registration);
    pollable.addWatch(registration);
    return registration;
  }

  /** Sets what is asked for, and looks at once whether it is so. @internal */
  protected arm(registration: Registration<F, E>, mask: number, edges: boolean, once: boolean): void {
    registration.mask = mask;
    registration.edges = edges;
    registration.once = once;
    registration.armed = true;
    if ((registration.pollable.events & mask) !== 0) this.hit(registration);
  }

  /** @internal */
  protected drop(registration: Registration<F, E>): void {
    registration.dead = true;
    registration.report = null;
    this.registrations.delete(registration.number);
    registration.pollable.removeWatch(registration);
  }

  /** Its file has been closed, and leaves without a word. @internal */
  gone(registration: Registration<F, E>): void {
    this.drop(registration);
  }

  /** @internal */
  hit(registration: Registration<F, E>): void {
    if (!registration.armed) return;
    if (!registration.ready) {
      registration.ready = true;
      this.ready.push(registration);
    }
    if (this.waits.length > 0) wake(this);
  }

  /** What a registration has to report now. @internal */
  protected eventsOf(registration: Registration<F, E>): number {
    return registration.pollable.events & registration.mask;
  }

  /** Whether a poll would find anything; forgets what is ready no more on the way. @internal */
  anyReady(): boolean {
    const { ready } = this;
    let at = 0;
    let found = false;
    for (; at < ready.length; at++) {
      const registration = ready[at] as Registration<F, E>;
      if (!registration.dead && registration.armed && this.eventsOf(registration) !== 0) {
        found = true;
        break;
      }
      registration.ready = false;
    }
    if (at > 0) ready.splice(0, at);
    return found;
  }

  /** Reports what is ready, at most `limit` of them; what is level-triggered stays in the list, behind those left out. @internal */
  collect(limit: number): E[] {
    const { ready } = this;
    const size = ready.length;
    const reports: E[] = [];
    let kept = 0;
    let at = 0;
    for (; at < size && reports.length < limit; at++) {
      const registration = ready[at] as Registration<F, E>;
      const events = registration.dead || !registration.armed ? 0 : this.eventsOf(registration);
      const report = events === 0 ? null : this.entry(registration, events);
      if (report === null) {
        registration.ready = false;
        continue;
      }
      reports.push(report);
      if (registration.once) registration.armed = false;
      if (registration.once || registration.edges) registration.ready = false;
      else ready[kept++] = registration;
    }
    if (at === size) ready.length = kept;
    else this.ready = [...ready.slice(at), ...ready.slice(0, kept)];
    return reports;
  }

  /** @internal */
  flush(): void {
    for (;;) {
      // One that has come, or has been looked at, in this round waits for the next one, and so do all behind it.
      let hasty = false;
      let wait = this.waits.first;
      for (; wait !== null && wait.seen === round; wait = wait.after as Poll<F, E> | null)
        hasty ||= wait.hasty;
      if (wait === null) {
        // Those who came when this flush was due already, and what came up for them.
        if (hasty || (this.waits.length > 0 && this.anyReady())) wake(this);
        return;
      }
      wait.seen = round;
      wait.look();
    }
  }

  /** For a poll that reports in order of registration. @internal */
  protected sortReady(): void {
    this.ready.sort((a, b) => a.order - b.order);
  }

  /** @internal */
  join(wait: Poll<F, E>): void {
    this.waits.push(wait);
  }

  /** @internal */
  leave(wait: Poll<F, E>): void {
    this.waits.remove(wait);
  }
}

/** One call of `poll` or `select` that waits. @internal */
export class Poll<F extends FileObject, E> extends TimedWait<E[]> {
  /** The round in which it was looked at last. */
  seen: number;
  private readonly interest: Interest<F, E>;
  private readonly most: number;
  private timed: boolean;

  constructor(interest: Interest<F, E>, limit: number, most: number) {
    super(limit);
    this.interest = interest;
    this.most = most;
    this.seen = -1;
    this.timed = false;
  }

  /** Whether it does not wait for anything but the turn of the event loop. */
  get hasty(): boolean {
    return this.limit === 0;
  }

  /** Ends the wait if there is anything to tell. */
  look(): void {
    const { interest } = this;
    const reports = interest.ended() ?? interest.collect(this.most);
    if (reports.length === 0 && this.limit !== 0 && interest.ended() === null) {
      this.limitOnce();
      return;
    }
    interest.leave(this);
    this.resume(VALUE, reports);
  }

  override expire(): void {
    this.interest.leave(this);
    this.resume(VALUE, []);
  }

  override describe(): string {
    return this.interest.describe();
  }

  protected override begin(): E[] | typeof PENDING {
    const { interest } = this;
    interest.join(this);
    this.timed = false;
    // Also what is ready now is told of after the poll phase: timers and sockets have their turn between two polls.
    this.seen = round;
    if (this.limit === 0 || interest.anyReady()) wake(interest);
    else this.limitOnce();
    return PENDING;
  }

  protected override detach(): void {
    this.interest.leave(this);
  }

  // The timer is for a wait that is not over at once.
  private limitOnce(): void {
    if (this.timed) return;
    this.timed = true;
    this.startLimit();
  }
}
