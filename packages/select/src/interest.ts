import { Line, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import type { Pollable, Watch } from './pollable.ts';
import { round, wake, type Wakeable } from './wake.ts';

/** Reported once for each edge, not for as long as it lasts. @internal */
export const EDGES = 1;
/** Reported once, and then not before the next `modify`. @internal */
export const ONCE = 2;
/** It is in the ready list. */
const READY = 4;

/** That a file is watched, for what, and by whom. A selector may have ten thousand: no field that another one tells. @internal */
export class Registration<S, E> implements Watch {
  /** What its reports are made of: the file as it was given, or the key of a selector. */
  subject: S;
  readonly pollable: Pollable;
  readonly number: number;
  /** Its place in order of registration. */
  readonly order: number;
  /** 0, as nobody can ask for nothing, when it has been taken out, its file has been closed, or `ONCE` is over. */
  mask: number;
  /** EDGES, ONCE, READY. */
  flags: number;
  /** What was reported last, to be used again: most of what is reported is the same each time. */
  report: E | null;
  private readonly interest: Interest<S, E>;

  constructor(interest: Interest<S, E>, subject: S, pollable: Pollable, order: number) {
    this.interest = interest;
    this.subject = subject;
    this.pollable = pollable;
    this.number = pollable.fileno();
    this.order = order;
    this.mask = 0;
    this.flags = 0;
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
export abstract class Interest<S, E> implements Wakeable {
  /** @internal */
  queued: boolean;
  /** By number. @internal */
  readonly registrations: Map<number, Registration<S, E>>;
  /** @internal */
  protected readonly waits: Line<Poll<S, E>>;
  private ready: Registration<S, E>[];
  private orders: number;

  constructor() {
    this.queued = false;
    this.registrations = new Map();
    this.waits = new Line();
    this.ready = [];
    this.orders = 0;
  }

  /** How `events` of a registration are reported; null when they are nothing that was asked for. @internal */
  protected abstract entry(registration: Registration<S, E>, events: number): E | null;
  /** Throws, or answers, when it has been closed. @internal */
  abstract ended(): E[] | null;
  /** What one who waits here is doing. @internal */
  abstract describe(): string;

  /** @internal */
  protected add(subject: S, pollable: Pollable): Registration<S, E> {
    const registration = new Registration<S, E>(this, subject, pollable, this.orders++);
    this.registrations.set(registration.number, registration);
    pollable.addWatch(registration);
    return registration;
  }

  /** Sets what is asked for, and looks at once whether it is so. @internal */
  protected arm(registration: Registration<S, E>, mask: number, how = 0): void {
    registration.mask = mask;
    registration.flags = (registration.flags & READY) | how;
    if ((registration.pollable.events & mask) !== 0) this.hit(registration);
  }

  /** @internal */
  protected drop(registration: Registration<S, E>): void {
    this.registrations.delete(registration.number);
    this.mute(registration);
  }

  /** Hears of its file no more. @internal */
  protected mute(registration: Registration<S, E>): void {
    registration.mask = 0;
    registration.report = null;
    registration.pollable.removeWatch(registration);
  }

  /** Its file has been closed, and leaves without a word. @internal */
  gone(registration: Registration<S, E>): void {
    this.drop(registration);
  }

  /** @internal */
  hit(registration: Registration<S, E>): void {
    if ((registration.flags & READY) === 0) {
      registration.flags |= READY;
      this.ready.push(registration);
    }
    if (this.waits.length > 0) wake(this);
  }

  /** What a registration has to report now. @internal */
  protected eventsOf(registration: Registration<S, E>): number {
    return registration.pollable.events & registration.mask;
  }

  /** Whether a poll would find anything; forgets what is ready no more on the way. @internal */
  anyReady(): boolean {
    const { ready } = this;
    let at = 0;
    let found = false;
    for (; at < ready.length; at++) {
      const registration = ready[at] as Registration<S, E>;
      if (this.eventsOf(registration) !== 0) {
        found = true;
        break;
      }
      registration.flags &= ~READY;
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
      const registration = ready[at] as Registration<S, E>;
      const events = this.eventsOf(registration);
      const report = events === 0 ? null : this.entry(registration, events);
      if (report === null) {
        registration.flags &= ~READY;
        continue;
      }
      reports.push(report);
      const { flags } = registration;
      if ((flags & ONCE) !== 0) registration.mask = 0;
      if ((flags & (ONCE | EDGES)) !== 0) registration.flags = flags & ~READY;
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
      for (; wait !== null && wait.seen === round; wait = wait.after as Poll<S, E> | null)
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
  join(wait: Poll<S, E>): void {
    this.waits.push(wait);
  }

  /** @internal */
  leave(wait: Poll<S, E>): void {
    this.waits.remove(wait);
  }
}

/** One call of `poll` or `select` that waits. @internal */
export class Poll<S, E> extends TimedWait<E[]> {
  /** The round in which it was looked at last. */
  seen: number;
  private readonly interest: Interest<S, E>;
  private readonly most: number;
  private timed: boolean;

  constructor(interest: Interest<S, E>, limit: number, most: number) {
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
