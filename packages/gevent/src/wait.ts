import { GreenletError, getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { Timeout, type Waitable } from '@switchyard/hub';
import {
  checkTimeout,
  ERROR,
  hub,
  interrupt,
  LISTED,
  PENDING,
  type Queued,
  Ring,
  type ScheduledGreenlet,
  TimedWait,
  type TimeoutOption,
  VALUE,
  Wait,
} from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { isThrownBy, type KillOptions, toThrow } from './kill.ts';
import { Callback, type Link, Linkable, type Listener, Place, type Waitlike } from './linkable.ts';

/** What `wait` and `iwait` take. */
export interface WaitOptions extends TimeoutOption {
  /** How many of the objects are enough; all when left out. */
  count?: number;
}

/** What `joinall` takes. */
export interface JoinallOptions extends WaitOptions {
  /** Whether the first failure is thrown; the others run on. */
  raiseError?: boolean;
}

/** What `killall` takes. */
export interface KillallOptions extends KillOptions {
  /** What is thrown into them: an error or an error class; a `GreenletExit` when left out. */
  error?: unknown;
}

/**
 * Waits until greenlets have ended.
 *
 * @returns those that have, in the order in which they ended; fewer than were given when the timeout (in ms) came first
 *   or `count` were enough
 * @throws with `raiseError`, the error of the first that failed
 *
 * Python: `gevent.joinall`.
 */
export function joinall<G extends Greenlet<unknown>>(
  greenlets: Iterable<G>,
  options?: JoinallOptions,
): Waitable<G[]> {
  return new WaitAll<G>(list(greenlets, 'joinall'), options, 'joinall', options?.raiseError === true);
}

/**
 * Waits until objects are ready: greenlets, events, async results, semaphores. Without objects, waits until no greenlet
 * is left that could go on: all have ended or wait for ever.
 *
 * @returns the objects that are ready, in the order in which they became so; without objects, whether it came before the
 *   timeout (in ms)
 *
 * Python: `gevent.wait`.
 */
export function wait(objects?: null, options?: TimeoutOption): Waitable<boolean>;
export function wait<O extends Waitlike>(objects: Iterable<O>, options?: WaitOptions): Waitable<O[]>;
export function wait(
  objects?: Iterable<Waitlike> | null,
  options?: WaitOptions,
): Waitable<Waitlike[] | boolean> {
  if (objects === undefined || objects === null) return new WaitForQuiet(checkTimeout(options, 'wait'));
  return new WaitAll<Waitlike>(list(objects, 'wait'), options, 'wait', false);
}

/**
 * Gives objects as they become ready. In async code `for await (const object of iwait(objects))`; in a coroutine
 * `yield* it.next()`, which gives `{ done, value }`. Leaving early (break, `using`, `return()`) unlinks the rest.
 *
 * Python: `gevent.iwait`.
 */
export function iwait<O extends Waitlike>(objects: Iterable<O>, options?: WaitOptions): IWait<O> {
  return new IWait<O>(list(objects, 'iwait'), options);
}

/**
 * Has a `GreenletExit`, or another error, thrown into all of them, in their turn. Those that have not begun never will.
 * The kill is on its way when this returns; what it returns waits for all of them to die.
 *
 * @throws (the waitable) Timeout when any of them outlives the `timeout` in ms
 *
 * Python: `gevent.killall`.
 */
export function killall(
  greenlets: Iterable<Greenlet<unknown>>,
  options: KillallOptions & { block: false },
): void;
export function killall(greenlets: Iterable<Greenlet<unknown>>, options?: KillallOptions): Waitable<void>;
export function killall(
  greenlets: Iterable<Greenlet<unknown>>,
  options?: KillallOptions,
): Waitable<void> | void {
  const limit = checkTimeout(options, 'killall');
  const error = thrower(options?.error);
  const victims = list(greenlets, 'killall');
  victims.forEach((greenlet, at) => {
    if (greenlet instanceof Greenlet) return;
    throw new TypeError(`Expected a Greenlet at ${at} of killall, got ${show(greenlet)}`);
  });
  let alive = 0;
  for (const victim of victims) if (!victim.ready() && !victim.cancelStart(error())) alive++;
  const kill = new KillAll(victims, options?.error, error, limit);
  if (alive > 0) hub.schedule(kill);
  return options?.block === false ? undefined : kill;
}

/** Kills one greenlet; the same as `greenlet.kill(error)`, whose death it waits for. Python: `gevent.kill`. */
export function kill(greenlet: Greenlet<unknown>, error?: unknown): Waitable<void> {
  if (!(greenlet instanceof Greenlet))
    throw new TypeError(`Expected a Greenlet for kill, got ${show(greenlet)}`);
  return greenlet.kill(error);
}

// Nobody tells one exit from another, so that all victims get the same; an error class is made anew for each.
function thrower(error: unknown): () => unknown {
  if (typeof error === 'function') return () => toThrow(error);
  const shared = toThrow(error);
  return () => shared;
}

function list<O>(objects: Iterable<O>, verb: string): O[] {
  if (
    objects === null ||
    typeof objects !== 'object' ||
    !(Symbol.iterator in objects) ||
    objects instanceof Greenlet
  ) {
    throw new TypeError(`Expected a list for ${verb}, as in ${verb}([a, b]), got ${show(objects)}`);
  }
  return [...objects];
}

function enough(options: WaitOptions | undefined, all: number, verb: string): number {
  const count = options?.count;
  if (count === undefined || count === null) return all;
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`Expected a whole number from 0 up as the count of ${verb}, got ${show(count)}`);
  }
  return Math.min(count, all);
}

/** The links to a list of objects: one listener for all greenlets of it, so that joining a million makes no object for each. */
class Watches implements Listener {
  private readonly objects: readonly Waitlike[];
  private readonly group: { one(object: unknown): void };
  /** What they have been killed with, if they have: that is no news. */
  private readonly killed: Killed | null;
  /** What has to be taken back, by index; made when the first link needs it. */
  private links: Map<number, Link> | null = null;
  private linked = true;

  constructor(
    objects: readonly Waitlike[],
    group: { one(object: unknown): void },
    verb: string,
    killed: Killed | null,
  ) {
    this.objects = objects;
    this.group = group;
    this.killed = killed;
    const current = getcurrent();
    // Before the first link: what is refused must not leave any behind.
    objects.forEach((object, at) => {
      if ((object as unknown) === current) {
        throw new GreenletError(`greenlet ${current.name} cannot wait for its own end`);
      }
      if (typeof (object as Partial<Waitlike> | null)?.rawlink !== 'function') {
        throw new TypeError(
          `Expected a greenlet, an event or the like at ${at} of ${verb}, got ${show(object)}`,
        );
      }
    });
    objects.forEach((object, at) => {
      let link: Link | null;
      if (object instanceof Greenlet) link = object.listen(this);
      else if (object instanceof Linkable) {
        link = new Place(this);
        object.enqueue(link);
      } else {
        // An object that somebody else has written may tell us from anywhere; those who wait go on in the hub.
        link = new Callback<unknown>(
          (source) => hub.schedule({ turn: () => this.linked && group.one(source) }),
          true,
        );
        object.rawlink((link as Callback<unknown>).fn);
      }
      if (link !== null) (this.links ??= new Map()).set(at, link);
    });
  }

  get shared(): boolean {
    return true;
  }

  notices(failure: unknown): boolean {
    return this.killed === null || isThrownBy(this.killed.error, failure);
  }

  notify(source: unknown): void {
    this.group.one(source);
  }

  unlink(): void {
    if (!this.linked) return;
    this.linked = false;
    this.objects.forEach((object, at) => {
      const link = this.links?.get(at) ?? null;
      if (object instanceof Greenlet) object.unlisten(this, link);
      else if (object instanceof Linkable) object.dequeue(link as Link);
      else object.unlink((link as Callback<unknown>).fn);
    });
    this.links = null;
  }
}

/** What was given to a kill: an error, or an error class. */
interface Killed {
  readonly error: unknown;
}

/** Waits for greenlets that have been killed to die. @internal */
export function deaths<G extends Greenlet<unknown>>(
  greenlets: Iterable<G>,
  error: unknown,
  timeout?: number,
): Waitable<G[]> {
  return new WaitAll<G>([...greenlets], { timeout }, 'kill', false, { error });
}

class WaitAll<O extends Waitlike> extends TimedWait<O[]> {
  private readonly objects: O[];
  private readonly count: number;
  private readonly verb: string;
  private readonly raises: boolean;
  private readonly killed: Killed | null;
  private done: O[] = [];
  private watches: Watches | null = null;

  constructor(
    objects: O[],
    options: WaitOptions | undefined,
    verb: string,
    raises: boolean,
    killed: Killed | null = null,
  ) {
    super(checkTimeout(options, verb));
    this.objects = objects;
    this.count = enough(options, objects.length, verb);
    this.verb = verb;
    this.raises = raises;
    this.killed = killed;
  }

  one(object: unknown): void {
    if (this.raises && object instanceof Greenlet && !object.successful()) {
      this.watches?.unlink();
      this.resume(ERROR, object.exception);
      return;
    }
    this.done.push(object as O);
    if (this.done.length < this.count) return;
    if (this.count < this.objects.length) this.watches?.unlink();
    this.resume(VALUE, this.done);
  }

  override expire(): void {
    this.watches?.unlink();
    this.resume(VALUE, this.done);
  }

  override describe(): string {
    const left = this.count - this.done.length;
    const some = this.objects.filter((object) => !object.ready()).slice(0, 3);
    const names = some.map((object) => (object instanceof Greenlet ? object.name : object.constructor.name));
    return `${this.verb} (${left} to come${names.length === 0 ? '' : `: ${names.join(', ')}${left > names.length ? ', ...' : ''}`})`;
  }

  protected override begin(): O[] | typeof PENDING {
    this.done = [];
    const ready = this.count === 0 ? [] : this.ready();
    if (ready !== null) return ready;
    this.watches = new Watches(this.objects, this, this.verb, this.killed);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.watches?.unlink();
  }

  protected override renew(): void {
    super.renew();
    this.watches = null;
  }

  // What is there already needs no turn of the hub.
  private ready(): O[] | null {
    let left = this.objects.length - this.count;
    for (const object of this.objects) {
      if (!((object instanceof Greenlet || object instanceof Linkable) && object.ready()) && --left < 0)
        return null;
    }
    const ready: O[] = [];
    for (const object of this.objects) {
      if (!(object instanceof Greenlet || object instanceof Linkable) || !object.ready()) continue;
      if (object instanceof Greenlet && !object.successful()) {
        if (this.killed === null || isThrownBy(this.killed.error, object.unobserved()?.error))
          void object.exception;
        if (this.raises) throw object.exception;
      }
      ready.push(object);
      if (ready.length === this.count) break;
    }
    return ready;
  }
}

/** The objects that have become ready, as they do. */
export class IWait<O> implements AsyncIterableIterator<O> {
  private readonly watches: Watches;
  private left: number;
  private readonly found = new Ring<O>();
  private readonly deadline: number;
  private waiting: NextReady<O> | null = null;

  /** @internal */
  constructor(objects: Waitlike[], options: WaitOptions | undefined) {
    const limit = checkTimeout(options, 'iwait');
    this.left = enough(options, objects.length, 'iwait');
    this.deadline = limit < 0 ? Infinity : hub.now() + limit;
    this.watches = new Watches(this.left === 0 ? [] : objects, this, 'iwait', null);
  }

  /**
   * Waits for the next object that is ready: `{ done: false, value }`, or `{ done: true }` when all, or enough, have been
   * given or the time is up.
   */
  next(): Waitable<IteratorResult<O, undefined>> & Promise<IteratorResult<O, undefined>> {
    const limit = this.deadline === Infinity ? -1 : Math.max(0, this.deadline - hub.now());
    // An async iterator must give a promise; whoever awaits a waitable cannot tell it from one.
    return new NextReady<O>(this, limit) as unknown as Waitable<IteratorResult<O, undefined>> &
      Promise<IteratorResult<O, undefined>>;
  }

  /** Ends it: the rest is unlinked. */
  return(): Promise<IteratorResult<O, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  one(object: unknown): void {
    if (this.left === 0) return;
    this.found.push(object as O);
    const waiting = this.waiting;
    if (waiting === null) return;
    this.waiting = null;
    waiting.resume(VALUE, this.take());
  }

  /** @internal */
  take(): IteratorResult<O, undefined> | null {
    if (this.left > 0 && this.found.length > 0) {
      const value = this.found.shift();
      if (--this.left === 0) this.watches.unlink();
      return { done: false, value };
    }
    return this.left === 0 ? { done: true, value: undefined } : null;
  }

  /** @internal */
  park(wait: NextReady<O> | null): void {
    if (wait !== null && this.waiting !== null) {
      throw new TypeError('Expected one wait for the next object of iwait at a time, got a second');
    }
    this.waiting = wait;
  }

  /** @internal */
  close(): void {
    this.left = 0;
    this.watches.unlink();
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting !== null)
      hub.schedule({ turn: () => waiting.resume(VALUE, { done: true, value: undefined }) });
  }
}

class NextReady<O> extends TimedWait<IteratorResult<O, undefined>> {
  private readonly source: IWait<O>;

  constructor(source: IWait<O>, limit: number) {
    super(limit);
    this.source = source;
  }

  override expire(): void {
    this.source.park(null);
    this.source.close();
    this.resume(VALUE, { done: true, value: undefined });
  }

  override describe(): string {
    return 'the next of iwait';
  }

  protected override begin(): IteratorResult<O, undefined> | typeof PENDING {
    const result = this.source.take();
    if (result !== null) return result;
    this.source.park(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.source.park(null);
  }
}

class KillAll extends Wait<void> implements Queued {
  private readonly victims: Greenlet<unknown>[];
  private readonly given: unknown;
  private readonly error: () => unknown;
  private readonly limit: number;
  private thrown = false;
  private end: Wait<unknown> | null = null;

  /** @param given what the user gave, of which `error` makes what is thrown */
  constructor(victims: Greenlet<unknown>[], given: unknown, error: () => unknown, limit: number) {
    super();
    this.victims = victims;
    this.given = given;
    this.error = error;
    this.limit = limit;
  }

  turn(): void {
    this.thrown = true;
    for (const victim of this.victims) interrupt(victim as unknown as ScheduledGreenlet, this.error());
    if (this.parked) this.rest();
  }

  override describe(): string {
    return `the death of ${this.victims.filter((victim) => !victim.ready()).length} greenlets`;
  }

  protected override begin(): void | typeof PENDING {
    if (this.victims.every((victim) => victim.ready())) {
      this.notice();
      return;
    }
    if (this.thrown) this.rest();
    return PENDING;
  }

  protected override detach(): void {
    this.end?.abandon();
  }

  protected override renew(): void {
    this.thrown = true;
    this.end = null;
  }

  // Who kills knows the error that he has thrown.
  private notice(): void {
    if (this.given === undefined || this.given === null) return;
    for (const victim of this.victims) {
      if (isThrownBy(this.given, victim.unobserved()?.error)) void victim.exception;
    }
  }

  /** Waits for those that the error has not ended at once. */
  private rest(): void {
    this.notice();
    const alive = this.victims.filter((victim) => !victim.ready());
    if (alive.length === 0) {
      this.resume(VALUE, undefined);
      return;
    }
    const end = deaths(alive, this.given, this.limit < 0 ? undefined : this.limit) as WaitAll<
      Greenlet<unknown>
    >;
    this.end = end;
    const done = end.startFor({
      take: () => {
        const left = alive.filter((victim) => !victim.ready()).length;
        if (left === 0) this.resume(VALUE, undefined);
        else
          this.resume(
            ERROR,
            new Timeout(this.limit, `${left} greenlets outlived their kill by ${this.limit} ms`),
          );
      },
    });
    if (done !== PENDING) this.resume(VALUE, undefined);
  }
}

/** Until nothing runs any more. */
class WaitForQuiet extends TimedWait<boolean> {
  override expire(): void {
    this.detach();
    this.resume(VALUE, false);
  }

  override describe(): string {
    return 'all other greenlets';
  }

  protected override begin(): boolean | typeof PENDING {
    // The greenlet that waits is alive itself.
    const own = (getcurrent().flags & LISTED) === 0 ? 0 : 1;
    if (hub.alive <= own) return true;
    hub.outsiders.whenQuiet(own, this.finish);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    hub.outsiders.forgetQuiet(this.finish);
  }

  // A second consumer is told for himself.
  protected override renew(): void {
    super.renew();
    this.finish = this.finisher();
  }

  private finish = this.finisher();

  private finisher(): () => void {
    return () => hub.schedule({ turn: () => this.resume(VALUE, true) });
  }
}
