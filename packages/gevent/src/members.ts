import { type Coroutine, getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { type Outcome, sleep, Timeout, type Waitable } from '@switchyard/hub';
import { checkTimeout, OBSERVED, type TimeoutOption, Block, follow } from '@switchyard/hub/core';
import { Milestone } from './event.ts';
import { Greenlet } from './greenlet.ts';
import { IMap, type MapOptions, type Source } from './imap.ts';
import { isKillOptions, type KillOptions, toThrow } from './kill.ts';
import { Callback } from './linkable.ts';
import { Pull, checkSource } from './pull.ts';
import { deaths } from './wait.ts';

/** What `Group.join` takes. */
export interface GroupJoinOptions extends TimeoutOption {
  /** Whether the error of the first member that failed is thrown. */
  raiseError?: boolean;
}

/**
 * What groups and pools have in common: they hold greenlets until these have ended.
 *
 * Python: `gevent.pool.GroupMappingMixin` and `gevent.pool.Group`.
 */
export abstract class Members {
  /** @internal */
  protected readonly greenlets = new Set<Greenlet<unknown>>();
  private readonly dying = new Set<Greenlet<unknown>>();
  private readonly emptied = new Milestone(`${this.constructor.name}.join`);
  // The first failure since the group was last joined, so that one that came early is not forgotten.
  private failure: Greenlet<unknown> | null = null;
  /** How many wait who are going to throw that failure. */
  private raising = 0;
  private readonly dropped = (greenlet: unknown): void => this.drop(greenlet as Greenlet<unknown>);

  constructor() {
    this.emptied.set();
  }

  /** How many have not ended. */
  get size(): number {
    return this.greenlets.size;
  }

  /** How many have not ended. Python: `len(group)`. */
  get length(): number {
    return this.greenlets.size;
  }

  /** Whether a greenlet is a member. Python: `greenlet in group`. */
  has(greenlet: Greenlet<unknown>): boolean {
    return this.greenlets.has(greenlet);
  }

  /** The members, in order of joining. */
  [Symbol.iterator](): IterableIterator<Greenlet<unknown>> {
    return this.greenlets.values();
  }

  /** Lets a member go without killing it; nothing happens when it is none. */
  discard(greenlet: Greenlet<unknown>): void {
    if (!this.greenlets.has(greenlet)) return;
    greenlet.unlink(this.dropped);
    this.drop(greenlet);
  }

  /**
   * Waits until there is no member.
   *
   * @returns true, or false when the timeout (in ms) came first
   * @throws with `raiseError`, the error of the first member that failed since the last join; those of others are reported
   */
  join(options: GroupJoinOptions = {}): Waitable<boolean> {
    const wait = this.emptied.wait(options);
    if (options.raiseError !== true) return wait;
    return new Block(
      'Group.join',
      function* (this: Members) {
        let empty: boolean;
        this.raising++;
        try {
          empty = yield* wait;
        } catch (error) {
          // Killed meanwhile: nobody throws the failure, unless somebody else waits for it.
          if (this.raising === 1) this.failure?.overlook();
          throw error;
        } finally {
          this.raising--;
        }
        const failed = this.failure;
        this.failure = null;
        if (failed !== null) throw failed.exception;
        return empty;
      }.bind(this),
    );
  }

  /**
   * Has an error thrown into all members, in their turn, also into those that join meanwhile: a `GreenletExit` by
   * default. The kill is on its way when this returns; what it returns waits until there is no member.
   *
   * @throws (the waitable) Timeout when any of them outlives the `timeout` in ms
   */
  kill(options: KillOptions & { block: false }): void;
  kill(error: unknown, options: KillOptions & { block: false }): void;
  kill(error?: unknown, options?: KillOptions): Waitable<void>;
  kill(error?: unknown, options?: KillOptions): Waitable<void> | void {
    if (options === undefined && isKillOptions(error)) return this.kill(undefined, error);
    const limit = checkTimeout(options, 'Group.kill');
    toThrow(error);
    this.killOnce(error);
    if (options?.block === false) return;
    return new Block<void>(
      'Group.kill',
      function* (this: Members) {
        using timeout = Timeout.start(limit < 0 ? null : limit, `a group outlived its kill by ${limit} ms`);
        void timeout;
        // A member that kills its own group dies of it, as everybody else: its turn comes next.
        if (this.greenlets.has(getcurrent() as unknown as Greenlet<unknown>)) yield* sleep(0);
        while (this.greenlets.size > 0) {
          this.killOnce(error);
          yield* deaths(this.greenlets, error);
          // Those that have ended, but whose link has not had its turn, are members no more.
          for (const greenlet of this.greenlets) if (greenlet.ready()) this.drop(greenlet);
        }
      }.bind(this),
    );
  }

  /**
   * As `kill`, for one member. The error is thrown into it only once, however often this is called; one that is no
   * member is not killed, only waited for.
   */
  killone(greenlet: Greenlet<unknown>, options: KillOptions & { block: false }): void;
  killone(greenlet: Greenlet<unknown>, error: unknown, options: KillOptions & { block: false }): void;
  killone(greenlet: Greenlet<unknown>, error?: unknown, options?: KillOptions): Waitable<void>;
  killone(greenlet: Greenlet<unknown>, error?: unknown, options?: KillOptions): Waitable<void> | void {
    if (options === undefined && isKillOptions(error)) return this.killone(greenlet, undefined, error);
    if (!(greenlet instanceof Greenlet))
      throw new TypeError(`Expected a Greenlet for killone, got ${show(greenlet)}`);
    const limit = checkTimeout(options, 'Group.killone');
    let kill: Waitable<void>;
    if (this.dying.has(greenlet) || !this.greenlets.has(greenlet)) kill = greenlet.death(limit);
    else {
      kill = greenlet.kill(error, { timeout: options?.timeout });
      this.dying.add(greenlet);
    }
    if (options?.block !== false) return kill;
  }

  /** Whether there is no room for one more. */
  abstract full(): boolean;

  /** Starts a member, waiting for room if need be. @internal */
  protected abstract admit<R>(
    target: (...args: never[]) => R,
    args: unknown[],
  ): Coroutine<Greenlet<Outcome<R>>>;
  /** Starts a member if there is room. @internal */
  protected abstract admitNow<R>(
    target: (...args: never[]) => R,
    args: unknown[],
  ): Greenlet<Outcome<R>> | null;

  /**
   * Runs a function as a member and waits for its result; called by a member it runs at once in that member, so that a
   * full pool does not wait for itself.
   */
  apply<A extends unknown[], R>(
    target: (...args: A) => R,
    args: A = [] as unknown as A,
  ): Waitable<Outcome<R>> {
    checkTarget(target, 'apply');
    return new Block<Outcome<R>>(
      'apply',
      function* (this: Members) {
        if (this.greenlets.has(getcurrent() as unknown as Greenlet<unknown>))
          return yield* follow(() => target(...args));
        const greenlet = yield* this.admit(target as unknown as (...args: never[]) => R, args);
        return yield* greenlet;
      }.bind(this),
    );
  }

  /**
   * As `apply`, but returns a greenlet at once: the new member; or, when there is no room, one that waits for room.
   *
   * @param callback called with the result, in a greenlet of its own
   */
  applyAsync<A extends unknown[], R>(
    target: (...args: A) => R,
    args: A = [] as unknown as A,
    callback?: (result: Outcome<R>) => unknown,
  ): Greenlet<Outcome<R>> {
    checkTarget(target, 'applyAsync');
    let greenlet = this.admitNow(target as unknown as (...args: never[]) => R, args);
    if (greenlet === null) {
      greenlet = new Greenlet<Outcome<R>>(() => this.apply(target, args));
      greenlet.label = target;
      greenlet.start();
    }
    if (callback !== undefined) greenlet.linkValue((done) => callback(done.value as Outcome<R>));
    return greenlet;
  }

  /**
   * Calls a function with each item, each in a member of its own, and waits for all results. Items are pulled from the
   * source, which may be endless or asynchronous, only as there is room.
   *
   * @returns the results, in the order of the items
   * @throws the error of the first item, in that order, that failed; the others run on, and their errors are reported
   */
  map<I, R>(target: (item: I) => R, items: Source<I>): Waitable<Outcome<R>[]> {
    checkTarget(target, 'map');
    checkSource(items, 'map');
    return new Block<Outcome<R>[]>(
      'map',
      function* (this: Members) {
        const running: Greenlet<Outcome<R>>[] = [];
        const results: Outcome<R>[] = [];
        const source = new Pull(items);
        try {
          for (;;) {
            const next = yield* source.next();
            if (next.done === true) break;
            const greenlet = yield* this.admit(target as (...args: never[]) => R, [next.value]);
            greenlet.flags |= OBSERVED;
            running.push(greenlet);
          }
          for (const greenlet of running) results.push(yield* greenlet);
          // Those that ended last leave in a turn that has been scheduled already: there is room for as many again.
          if (running.some((greenlet) => this.greenlets.has(greenlet))) yield* sleep(0);
        } catch (error) {
          source.close();
          // Nobody will ask for the others any more.
          for (const greenlet of running.slice(results.length)) {
            if (!greenlet.failedWith(error)) greenlet.overlook();
          }
          throw error;
        }
        return results;
      }.bind(this),
    );
  }

  /** As `map`, but returns a greenlet at once. `callback` is called with the results, in a greenlet of its own. */
  mapAsync<I, R>(
    target: (item: I) => R,
    items: Source<I>,
    callback?: (results: Outcome<R>[]) => unknown,
  ): Greenlet<Outcome<R>[]> {
    checkTarget(target, 'mapAsync');
    checkSource(items, 'mapAsync');
    const greenlet = new Greenlet<Outcome<R>[]>(() => this.map(target, items));
    greenlet.label = target;
    greenlet.start();
    if (callback !== undefined) greenlet.linkValue((done) => callback(done.value as Outcome<R>[]));
    return greenlet;
  }

  /**
   * As `map`, but gives each result as soon as it and those before it are there. It starts at once. An error is thrown in
   * the place of its result, and the next call goes on with the next item.
   *
   * @param options `maxsize`: how many results may wait to be taken before no more items are started
   */
  imap<I, R>(target: (item: I) => R, items: Source<I>, options?: MapOptions): IMap<Outcome<R>> {
    checkTarget(target, 'imap');
    return new IMap<Outcome<R>>(true, options, this.startEach(target, items, 'imap'));
  }

  /** As `imap`, in the order in which the results come. */
  imapUnordered<I, R>(target: (item: I) => R, items: Source<I>, options?: MapOptions): IMap<Outcome<R>> {
    checkTarget(target, 'imapUnordered');
    return new IMap<Outcome<R>>(false, options, this.startEach(target, items, 'imapUnordered'));
  }

  private startEach<I, R>(target: (item: I) => R, items: Source<I>, verb: string) {
    checkSource(items, verb);
    const source = new Pull(items);
    return () => ({
      next: () => source.next(),
      start: (item: unknown) => this.admit(target as (...args: never[]) => R, [item]),
      close: () => source.close(),
    });
  }

  /** Makes a greenlet a member; false when it is one already. @internal */
  protected enter(greenlet: Greenlet<unknown>): boolean {
    if (!(greenlet instanceof Greenlet))
      throw new TypeError(`Expected a Greenlet to add, got ${show(greenlet)}`);
    if (this.greenlets.has(greenlet)) return false;
    greenlet.enqueue(new Callback<unknown>(this.dropped, false, this.dropped));
    this.greenlets.add(greenlet);
    this.emptied.clear();
    return true;
  }

  /** A member has ended or been let go. @internal */
  protected drop(greenlet: Greenlet<unknown>): void {
    if (!this.greenlets.delete(greenlet)) return;
    this.dying.delete(greenlet);
    if (this.failure === null && greenlet.ready() && !greenlet.successful()) {
      this.failure = greenlet;
      if (this.raising > 0) void greenlet.exception;
    }
    if (this.greenlets.size === 0) this.emptied.set();
  }

  private killOnce(error: unknown): void {
    for (const greenlet of this.greenlets) {
      if (this.dying.has(greenlet)) continue;
      this.dying.add(greenlet);
      greenlet.kill(error, { block: false });
    }
  }
}

/** The wait for room where there always is. @internal */
export function alwaysRoom(verb: string, options: TimeoutOption | undefined): Waitable<number> {
  checkTimeout(options, verb);
  return new Block<number>(verb, function* () {
    return 1;
  });
}

/** Refuses what cannot be called. @internal */
export function checkTarget(target: unknown, verb: string): void {
  if (typeof target !== 'function')
    throw new TypeError(`Expected a function for ${verb}, got ${show(target)}`);
}
