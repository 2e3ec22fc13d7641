import { type Coroutine, GreenletExit } from '@switchyard/greenlet';
import { DEAD, show, STARTED } from '@switchyard/greenlet/scheduler';
import type { Outcome, Waitable } from '@switchyard/hub';
import {
  captureContext,
  checkTimeout,
  ERROR,
  hub,
  Line,
  OBSERVED,
  ScheduledGreenlet,
  type TimeoutOption,
  VALUE,
} from '@switchyard/hub/core';
import { DelayedStart } from './delayed-start.ts';
import { AsyncResult, type GetOptions } from './event.ts';
import { Get, Join } from './join.ts';
import { abortSignal, SIGNALLED, signalOf } from './kill-signal.ts';
import { isKillOptions, Kill, type KillOptions, toThrow } from './kill.ts';
import { Callback, type Link, type Listener, Place, type Waitlike } from './linkable.ts';
import { forgetLocals, LOCALS } from './local.ts';
import { runRaw } from './spawn-raw.ts';
import { notCallable } from './target.ts';

/** `start` has been called. */
const SCHEDULED = 2048;
/** It ended with an error. */
const FAILED = 4096;
/** Its links are about to be told. */
const NOTIFYING = 8192;
/** The one argument is kept by itself. */
const ONE = 16384;
/** It was killed before its first turn, which is still in the run queue. */
const CANCELLED = 32768;
/** No arguments: the same for all greenlets that get none. */
const NONE: readonly unknown[] = [];
/** How many links are told before timers and sockets may get their turn. */
const BATCH = 256;

/** Who is told of a greenlet's end: a function of the greenlet, or an `AsyncResult` that takes over its outcome. */
export type LinkTarget<G> = ((greenlet: G) => unknown) | AsyncResult<never> | AsyncResult<unknown>;

// Written as an interface, so that a subclass may define `*run() {...}` over it.
export interface Greenlet<T = unknown> {
  /** The body. A subclass may define it instead of passing a function; it gets the arguments of the constructor. */
  run(...args: any[]): Coroutine<T> | T; // eslint-disable-line typescript/no-explicit-any -- a subclass narrows them
}

/**
 * A greenlet that runs by itself, in its turn, and can be waited for by any number of others: `yield* greenlet` or
 * `await greenlet` gives its value or throws its error.
 *
 * ```ts
 * const greenlet = Greenlet.spawn(function* (x: number) {
 *   yield* sleep(10);
 *   return x + 1;
 * }, 1);
 * const two = yield* greenlet;
 * ```
 *
 * Python: `gevent.Greenlet`.
 */
// eslint-disable-next-line typescript/no-explicit-any -- any arguments
export class Greenlet<T = unknown> extends ScheduledGreenlet<any[], T> implements Waitable<T>, Waitlike {
  /** Before the start the arguments, after the end the value or error; one field, as there may be a million of these. */
  private outcome: unknown;
  /** Who is told of the end: nobody, one, or a line of them. Most have one at the most, who may listen to many. */
  private links: Listener | Line<Link> | null;

  /**
   * Makes a greenlet that has yet to be started with `start()`.
   *
   * @param target a generator function, an async function or a plain function; what it returns is waited for if it can
   *   be. It may be left out in a subclass that defines `run`.
   * @throws TypeError when `target` is not a function
   */
  constructor(target?: ((...args: never[]) => unknown) | null, ...args: unknown[]) {
    if (target != null && typeof target !== 'function') throw notCallable(target);
    super(target as unknown as (...args: unknown[]) => T);
    // An array for a single argument would be half as large as the greenlet.
    if (args.length === 1) {
      this.flags |= ONE;
      this.outcome = args[0];
    } else this.outcome = args.length === 0 ? NONE : args;
    this.links = null;
  }

  /** Makes a greenlet, of the subclass that it is called on, and starts it. Takes what the constructor takes. */
  static spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>>;
  static spawn<G extends Greenlet<unknown>, A extends unknown[]>(this: new (...args: A) => G, ...args: A): G;
  static spawn(this: new (...args: unknown[]) => Greenlet, ...args: unknown[]): Greenlet {
    const greenlet = new this(...args);
    greenlet.start();
    return greenlet;
  }

  /** As `spawn`, to start in `ms` milliseconds. */
  static spawnLater<A extends unknown[], R>(
    ms: number,
    target: (...args: A) => R,
    ...args: A
  ): Greenlet<Outcome<R>>;
  static spawnLater<G extends Greenlet<unknown>, A extends unknown[]>(
    this: new (...args: A) => G,
    ms: number,
    ...args: A
  ): G;
  static spawnLater(this: new (...args: unknown[]) => Greenlet, ms: number, ...args: unknown[]): Greenlet {
    const greenlet = new this(...args);
    greenlet.startLater(ms);
    return greenlet;
  }

  /** Has it run in its turn; nothing happens when it was started or killed before. */
  start(): void {
    if (!this.schedulable()) return;
    this.enlist();
    hub.schedule(this as unknown as ScheduledGreenlet);
  }

  /** Has it start in `ms` milliseconds; nothing happens when it was started or killed before. */
  startLater(ms: number): void {
    if (typeof ms !== 'number' || Number.isNaN(ms) || ms < 0) {
      throw new TypeError(`Expected milliseconds from 0 up for startLater, got ${show(ms)}`);
    }
    if (!this.schedulable()) return;
    this.enlist();
    this.parked = new DelayedStart(this as unknown as ScheduledGreenlet, ms);
  }

  /** Whether it has been started and has not ended. */
  get started(): boolean {
    return (this.flags & (SCHEDULED | DEAD)) === SCHEDULED;
  }

  /** Whether it has ended. */
  ready(): boolean {
    return (this.flags & DEAD) !== 0;
  }

  /** Whether it has ended without an error. A kill with `GreenletExit` is no error. */
  successful(): boolean {
    return (this.flags & (DEAD | FAILED)) === DEAD;
  }

  /** What the body returned, or the `GreenletExit` that killed it; undefined while it lives and when it failed. */
  get value(): T | GreenletExit | undefined {
    return this.successful() ? (this.outcome as T | GreenletExit) : undefined;
  }

  /** The error that it ended with, or undefined. Whoever reads it has observed it. */
  get exception(): unknown {
    if ((this.flags & FAILED) === 0) return undefined;
    this.flags |= OBSERVED;
    return this.outcome;
  }

  /**
   * Waits for the end, and throws neither its error nor a Timeout. Gives way after `timeout` milliseconds.
   */
  join(options?: TimeoutOption): Waitable<void> {
    return new Join(this as Greenlet, checkTimeout(options, 'Greenlet.join'));
  }

  /**
   * Waits for the value; `yield* greenlet` is the same without options.
   *
   * @throws its error; its `GreenletExit` when it was killed; Timeout when the timeout (in ms) comes first, or at once
   *   with `block: false`
   */
  get(options?: GetOptions): Waitable<T> {
    const limit = checkTimeout(options, 'Greenlet.get');
    return new Get<T>(this, limit, options?.block !== false);
  }

  /**
   * Has an error thrown into it, in its turn: a `GreenletExit` by default. One that has not begun never will. The kill
   * is on its way when this returns; what it returns waits for the death.
   *
   * @returns a waitable, or nothing with `block: false`
   * @throws (the waitable) Timeout when it outlives the `timeout` in ms
   */
  kill(options: KillOptions & { block: false }): void;
  kill(error: unknown, options: KillOptions & { block: false }): void;
  kill(error?: unknown, options?: KillOptions): Waitable<void>;
  kill(error?: unknown, options?: KillOptions): Waitable<void> | void {
    if (options === undefined && isKillOptions(error)) return this.kill(undefined, error);
    const limit = checkTimeout(options, 'Greenlet.kill');
    const thrown = toThrow(error);
    const kill = new Kill(this as Greenlet, thrown, limit);
    if (!this.cancelStart(thrown) && !this.ready()) hub.schedule(kill);
    return options?.block === false ? undefined : kill;
  }

  /** The wait for its death, which somebody else has seen to. @internal */
  death(limit: number): Waitable<void> {
    return new Kill(this as Greenlet, null, limit, true);
  }

  /**
   * Has a function called with this greenlet when it has ended, in a greenlet of its own, so that it may wait; an
   * `AsyncResult` takes over the outcome. At once (but not inside of this call) when it has ended already.
   */
  link(target: LinkTarget<this>): void {
    this.linkWhen(target, () => true, true);
  }

  /** As `link`, when it ends without an error. */
  linkValue(target: LinkTarget<this>): void {
    this.linkWhen(target, () => this.successful(), false);
  }

  /** As `link`, when it ends with an error. */
  linkException(target: LinkTarget<this>): void {
    this.linkWhen(target, () => !this.successful(), true);
  }

  /** As `link`, but calls the function in the hub, where it must not wait. */
  rawlink(target: LinkTarget<this>): void {
    const fn =
      target instanceof AsyncResult ? (): void => target.take(this) : (target as (greenlet: unknown) => void);
    if (typeof fn !== 'function') throw new TypeError(`Expected a function to link, got ${show(target)}`);
    this.enqueue(new Callback<unknown>(fn, true, target));
  }

  /** Takes back a link of any kind; nothing happens when it is not linked. */
  unlink(target: LinkTarget<this> | ((source: unknown) => void)): void {
    for (const link of this.listeners()) {
      if (link instanceof Callback && link.key === target) {
        this.dequeue(link);
        return;
      }
    }
  }

  /**
   * Is aborted when a kill is thrown into this greenlet, with the error of that: for async functions and whatever else
   * takes a signal. One that is killed before it begins aborts it, too; a timeout inside of the greenlet does not. It is
   * made when it is first read, and knows nothing of a kill that the greenlet has survived before.
   *
   * ```ts
   * const greenlet = new Greenlet(async () => (await fetch(url, { signal: greenlet.signal })).text());
   * ```
   */
  get signal(): AbortSignal {
    return signalOf(this as Greenlet);
  }

  /** Kills it and waits for its death, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    return this.get()[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.get().then(fulfilled, rejected);
  }

  /** @internal */
  override begin(): unknown {
    const body = this.run as ((...args: unknown[]) => unknown) | undefined;
    if (body === undefined) throw notCallable(undefined);
    const given = this.outcome;
    this.outcome = undefined;
    this.flags |= STARTED;
    this.frame = null;
    if ((this.flags & ONE) !== 0) return body.call(this, given);
    const args = given as unknown[];
    return args.length === 0 ? body.call(this) : body.apply(this, args);
  }

  /** Its first turn, or the turn of its links. @internal */
  override turn(): void {
    if ((this.flags & DEAD) === 0) super.turn();
    else if ((this.flags & CANCELLED) !== 0) this.flags &= ~CANCELLED;
    else if ((this.flags & NOTIFYING) !== 0) this.notifyLinks();
  }

  /** @internal */
  override finished(failed: boolean, outcome: unknown): void {
    this.outcome = outcome;
    if ((this.flags & LOCALS) !== 0) forgetLocals(this as unknown as ScheduledGreenlet);
    if (failed) {
      this.flags |= FAILED;
      if (!this.watched()) hub.reports.suspect(this as unknown as ScheduledGreenlet);
    }
    this.notifySoon();
  }

  /** The error that nobody has taken notice of, or null. @internal */
  unobserved(): { error: unknown } | null {
    return (this.flags & (FAILED | OBSERVED)) === FAILED ? { error: this.outcome } : null;
  }

  /** If it has failed, and somebody who hears of it takes notice, the error is not reported. @internal */
  noticedBy(listener: Listener): void {
    if ((this.flags & FAILED) !== 0 && listener.notices(this.outcome)) this.flags |= OBSERVED;
  }

  /** Whether it has failed with this very error. @internal */
  failedWith(error: unknown): boolean {
    return (this.flags & FAILED) !== 0 && this.outcome === error;
  }

  /** Whoever was going to take notice of its failure will not. @internal */
  overlook(): void {
    this.flags &= ~OBSERVED;
    if ((this.flags & FAILED) !== 0) hub.reports.suspect(this as unknown as ScheduledGreenlet);
  }

  /** @internal */
  enqueue(link: Link): void {
    this.noticedBy(link);
    if (this.links === null) this.links = link;
    else this.line(this.links).push(link);
    this.notifySoon();
  }

  /** @internal */
  dequeue(link: Link): void {
    if (this.links === link) this.links = null;
    else if (this.links instanceof Line) this.links.remove(link);
  }

  /**
   * As `enqueue`, for one who listens to many greenlets and so cannot stand in their lines itself: without a line it needs
   * no place, otherwise it gets one. @internal
   */
  listen(listener: Listener): Link | null {
    this.noticedBy(listener);
    let place: Link | null = null;
    if (this.links === null) this.links = listener;
    else {
      place = new Place(listener);
      this.line(this.links).push(place);
    }
    this.notifySoon();
    return place;
  }

  /** Takes back `listen`, given the place that it returned. @internal */
  unlisten(listener: Listener, place: Link | null): void {
    if (place !== null) this.dequeue(place);
    else if (this.links === listener) this.links = null;
    else if (this.links instanceof Line) {
      for (const link of this.links) {
        if (!(link instanceof Place) || link.listener !== listener) continue;
        this.links.remove(link);
        return;
      }
    }
  }

  /** Kills it if it has not begun: it never will. Returns whether that was so. @internal */
  cancelStart(error: unknown): boolean {
    if ((this.flags & (STARTED | DEAD)) !== 0) return false;
    if (this.parked !== null) (this.parked as DelayedStart).abandon();
    else if ((this.flags & SCHEDULED) !== 0) this.flags |= CANCELLED;
    this.flags |= DEAD;
    this.frame = null;
    if ((this.flags & SIGNALLED) !== 0) abortSignal(this as Greenlet, error);
    const failed = !(error instanceof GreenletExit);
    this.ended(failed ? ERROR : VALUE, error);
    return true;
  }

  private schedulable(): boolean {
    if ((this.flags & (SCHEDULED | STARTED | DEAD)) !== 0) return false;
    if ((this as { run?: unknown }).run === undefined) throw notCallable(undefined);
    this.flags |= SCHEDULED;
    return true;
  }

  private watched(): boolean {
    if ((this.flags & OBSERVED) !== 0) return true;
    for (const link of this.listeners()) if (link.notices(this.outcome)) return true;
    return false;
  }

  private notifySoon(): void {
    if ((this.flags & (DEAD | NOTIFYING)) !== DEAD || this.links === null) return;
    this.flags |= NOTIFYING;
    hub.schedule(this as unknown as ScheduledGreenlet);
  }

  private notifyLinks(): void {
    for (let told = 0; this.links !== null; told++) {
      if (told === BATCH) {
        hub.again(this as unknown as ScheduledGreenlet);
        return;
      }
      let link: Listener | null;
      if (this.links instanceof Line) link = this.links.shift();
      else {
        link = this.links;
        this.links = null;
      }
      if (link === null) break;
      try {
        link.notify(this);
      } catch (error) {
        hub.reports.report(error, null);
      }
    }
    this.flags &= ~NOTIFYING;
    this.links = null;
  }

  private listeners(): Iterable<Listener> {
    if (this.links === null) return [];
    return this.links instanceof Line ? this.links : [this.links];
  }

  /** Makes the one who listens the first in a line. */
  private line(links: Listener | Line<Link>): Line<Link> {
    if (links instanceof Line) return links;
    const line = new Line<Link>();
    line.push(links.shared === true ? new Place(links) : (links as Link));
    this.links = line;
    return line;
  }

  private linkWhen(target: LinkTarget<this>, fits: () => boolean, observes: boolean): void {
    if (target instanceof AsyncResult) {
      this.enqueue(new Callback<unknown>(() => fits() && target.take(this), observes, target));
      return;
    }
    if (typeof target !== 'function')
      throw new TypeError(`Expected a function or an AsyncResult to link, got ${show(target)}`);
    const context = captureContext();
    // Not in a later turn: it may unlink those behind it, and comes before a join that was made after it.
    const start = (): void => runRaw(target as (greenlet: this) => unknown, this);
    this.enqueue(new Callback<unknown>(() => fits() && context.runInAsyncScope(start), observes, target));
  }
}

/**
 * Starts work in a greenlet of its own, which runs in its turn, after the caller has parked or ended.
 *
 * @param target a generator function, an async function or a plain function; what it returns is waited for if it can be
 * @throws TypeError when `target` is not a function
 *
 * Python: `gevent.spawn`.
 */
export function spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
  if (typeof target !== 'function') throw notCallable(target);
  const greenlet = new Greenlet<Outcome<R>>(target as (...args: never[]) => unknown, ...args);
  greenlet.start();
  return greenlet;
}

/**
 * As `spawn`, to start in `ms` milliseconds; `spawnLater(0, ...)` starts after what is spawned already.
 *
 * Python: `gevent.spawn_later` (there in seconds).
 */
export function spawnLater<A extends unknown[], R>(
  ms: number,
  target: (...args: A) => R,
  ...args: A
): Greenlet<Outcome<R>> {
  if (typeof target !== 'function') throw notCallable(target);
  const greenlet = new Greenlet<Outcome<R>>(target as (...args: never[]) => unknown, ...args);
  greenlet.startLater(ms);
  return greenlet;
}
