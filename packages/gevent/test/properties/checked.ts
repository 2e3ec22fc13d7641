/**
 * Plays a scenario and holds the scheduler to what has to be so whatever the greenlets do. Whatever is not so is an
 * `AssertionError`, thrown by `run`.
 */
import * as assert from 'uvu/assert';
import { getHub, type GreenletInfo, LoopExit, type Waitable } from '@switchyard/hub';
import {
  AsyncResult,
  BoundedSemaphore,
  type Coroutine,
  Empty,
  Event,
  Full,
  getcurrent,
  Greenlet,
  idle,
  LifoQueue,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
  sleep,
  spawn,
  Timeout,
  type Waitlike,
} from '../../src/index.ts';
import { Player } from '../differential/play.ts';
import type { Lock, Waiting } from '../differential/stage.ts';
import { named, over, shown } from './waits.ts';
import type { LinkKind, Scenario, Trace } from '../differential/scenario.ts';

/** A wait that is under way. */
interface Entry extends Waiting {
  readonly greenlet: Greenlet<unknown>;
  readonly began: number;
  /** It has begun while what it waits for was not there, so that it has its place in a line. */
  readonly parks: boolean;
  /** Its number among all waits. */
  readonly ticket: number;
  /** What it waits for has been there meanwhile: it is going to be told, even if that is gone again. */
  owed: boolean;
}

interface Linked {
  readonly kind: LinkKind;
  readonly to: Waitlike;
  told: number;
  unlinked: boolean;
}

export class CheckedPlayer extends Player {
  /** What each greenlet waits for, the innermost wait last. */
  private readonly waiting = new Map<Greenlet<unknown>, Entry[]>();
  private tickets = 0;
  /** Who was served last of those who wait in the same way for the same object. */
  private readonly served = new Map<unknown, Map<string, Entry>>();
  private readonly put = new Map<Queue<number>, number[]>();
  private readonly taken = new Map<Queue<number>, number[]>();
  /** How many permits each greenlet has of a lock. */
  private readonly held = new Map<Lock, Map<unknown, number>>();
  private readonly begun = new Map<Lock, number>();
  private readonly due = new Map<Timeout, number>();
  private readonly heard = new Set<unknown>();
  private readonly registered = new Map<unknown, Linked>();
  private watcher: Greenlet<void> | null = null;
  private failure: { readonly error: unknown } | null = null;
  /** How often the parked were looked through. */
  looks = 0;
  /** How many of them there were in all. */
  looked = 0;

  constructor(scenario: Scenario) {
    super(scenario);
    for (const thing of Object.values(this.objects)) {
      if (thing instanceof Queue) {
        this.put.set(thing, []);
        this.taken.set(thing, []);
      }
      if (thing instanceof Semaphore) this.begun.set(thing, thing.counter);
      if (thing instanceof Semaphore || thing instanceof RLock) this.held.set(thing, new Map());
    }
  }

  override *run(watches = true): Coroutine<Trace> {
    if (watches) this.watcher = spawn(() => this.watch()) as Greenlet<void>;
    const trace = yield* super.run();
    // It holds back nobody who waits for ever.
    if (this.watcher !== null) yield* this.watcher.kill();
    if (this.failure !== null) throw this.failure.error;
    return trace;
  }

  /** In each millisecond, when nothing can be run any more. */
  private *watch(): Coroutine {
    yield* sleep(1 / 3);
    for (;;) {
      yield* idle();
      this.holds(() => this.checkParked());
      yield* sleep(1);
    }
  }

  /** A step must not catch what is found out about it. */
  private holds(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.failure ??= { error };
    }
  }

  protected override *waits<T>(waiting: Waiting, from: Waitable<T>): Coroutine<T> {
    const greenlet = getcurrent() as unknown as Greenlet<unknown>;
    const began = getHub().now();
    const entry = {
      ...waiting,
      greenlet,
      began,
      parks: !over(waiting) && !(waiting.on instanceof RLock && waiting.on.owned()),
      ticket: this.tickets++,
      owed: false,
    };
    const stack = this.waiting.get(greenlet) ?? [];
    this.waiting.set(greenlet, stack);
    stack.push(entry);
    try {
      const value = yield* from;
      this.holds(() => this.checkServed(entry, value));
      return value;
    } catch (error) {
      this.holds(() => this.checkFailed(entry, error));
      throw error;
    } finally {
      stack.pop();
      if (stack.length === 0) this.waiting.delete(greenlet);
    }
  }

  private checkServed(entry: Entry, value: unknown): void {
    const { verb, on, began, limit, parks } = entry;
    if (verb === 'sleep') {
      const due = began + (limit as number);
      assert.is(getHub().now(), due, 'a sleep that is too short or too long');
      // Those that are due at the same time end in the order in which they began; one of 0 ms waits for its turn alone.
      this.checkTurn(entry, due > began ? `sleep until ${due} ms` : 'sleep 0 ms', verb);
      return;
    }
    const inVain = (verb === 'acquire' || (verb === 'await' && on instanceof Event)) && value === false;
    if (inVain) return this.checkExpired(entry);
    if (!parks || !['take', 'peek', 'put', 'acquire', 'await', 'result', 'get', 'join'].includes(verb))
      return;
    // Without an error these may have been given up as well.
    if ((verb === 'join' || (verb === 'await' && on instanceof AsyncResult)) && limit !== undefined) return;
    this.checkTurn(entry, on, verb);
  }

  /** Whether it has come later than whoever was served before it. */
  private checkTurn(entry: Entry, on: unknown, verb: string): void {
    const last = this.served.get(on) ?? new Map<string, Entry>();
    this.served.set(on, last);
    const before = last.get(verb)?.ticket ?? -1;
    assert.ok(entry.ticket > before, `${entry.who}: ${verb} ${entry.ticket} is served behind ${before}`);
    last.set(verb, entry);
  }

  private checkFailed(entry: Entry, error: unknown): void {
    const throwsTimeout =
      ['get', 'result', 'kill', 'killall'].includes(entry.verb) && entry.limit !== undefined;
    const ownTimeout = throwsTimeout && error instanceof Timeout && !this.due.has(error);
    if (ownTimeout || error instanceof Empty || error instanceof Full) this.checkExpired(entry);
  }

  private checkExpired({ who, verb, began, limit }: Entry): void {
    // Without a limit it gives up at once, or not at all.
    const due = began + (limit ?? 0);
    assert.is(getHub().now(), due, `${who}: ${verb} has given up at another time than it was due`);
  }

  /** Nothing can be run: whoever still waits has nothing to wait for, and is known to do so. */
  private checkParked(): void {
    this.looks++;
    const now = getHub().now();
    const infos = new Map<string, GreenletInfo>();
    for (const info of flat(getHub().runInfo())) {
      infos.set(info.name, info);
      const itself = info.name === this.watcher?.name || info.state === 'running';
      assert.ok(itself || info.waitsFor, `${info.name} is ${info.state}, and waits for nothing`);
    }
    for (const [greenlet, stack] of this.waiting) {
      const entry = stack.at(-1) as Entry;
      const { who, verb, on, began, limit } = entry;
      this.looked++;
      assert.not(over(entry) || entry.owed, `${who} is forgotten: ${verb} ${shown(on)}`);
      // A limit that is not one of this wait alone has begun before.
      if (limit !== undefined && verb !== 'iwait')
        assert.ok(began + limit > now, `${who}: ${verb} is not given up in time`);
      const info = infos.get(greenlet.name);
      assert.ok(info, `${who} is not in run info`);
      const name = named(entry);
      assert.ok(info?.waitsFor?.includes(name), `${who} waits for ${name}, told is ${info?.waitsFor}`);
    }
    for (const [timeout, due] of this.due) {
      assert.ok(!timeout.pending || due > now, 'a timeout is not thrown in time');
    }
    this.checkPermits();
  }

  private checkPermits(): void {
    for (const [lock, held] of this.held) {
      const all = [...held.values()].reduce((sum, one) => sum + one, 0);
      if (lock instanceof Semaphore)
        assert.is(lock.counter, (this.begun.get(lock) as number) - all, 'permits');
      else {
        const owners = [...held.values()].filter((levels) => levels > 0).length;
        assert.is(owners, lock.locked() ? 1 : 0, 'owners of an RLock');
      }
    }
  }

  protected override sets(thing: Event | AsyncResult): void {
    // Whoever is told, sets it again and clears it at once reaches nobody who came during that round: as in gevent.
    if (thing.telling) return;
    for (const stack of this.waiting.values()) {
      for (const entry of stack) if (entry.on === thing && entry.verb === 'await') entry.owed = true;
    }
  }

  protected override took(lock: Lock): void {
    this.count(lock, 1);
    if (lock instanceof BoundedSemaphore || lock instanceof RLock) this.holds(() => this.checkPermits());
  }

  protected override gave(lock: Lock): void {
    this.count(lock, -1);
    this.holds(() => this.checkPermits());
  }

  private count(lock: Lock, change: number): void {
    const held = this.held.get(lock) as Map<unknown, number>;
    held.set(getcurrent(), (held.get(getcurrent()) ?? 0) + change);
  }

  protected override hasPut(queue: Queue<number>, item: number): void {
    this.put.get(queue)?.push(item);
  }

  protected override hasTaken(queue: Queue<number>, item: number): void {
    this.taken.get(queue)?.push(item);
  }

  protected override starts(timeout: Timeout, ms: number): void {
    super.starts(timeout, ms);
    this.due.set(timeout, getHub().now() + ms);
  }

  protected override hears(error: unknown): void {
    if (this.heard.has(error)) return;
    this.heard.add(error);
    // Now, and not when a cleanup has set others going.
    if (error instanceof LoopExit) this.holds(() => this.checkLoopExit());
    const due = this.due.get(error as Timeout);
    if (due !== undefined)
      this.holds(() => assert.is(getHub().now(), due, 'a timeout at another time than it was due'));
  }

  protected override passes(timeout: Timeout): void {
    const due = this.due.get(timeout) as number;
    this.holds(() => assert.ok(getHub().now() <= due || this.heard.has(timeout), 'a timeout is lost'));
  }

  /** Nothing is left that could wake anybody: nobody waits for a time, or for what is there. */
  private checkLoopExit(): void {
    for (const stack of this.waiting.values()) {
      const entry = stack.at(-1) as Entry;
      const { who, verb, on, limit } = entry;
      assert.not(over(entry), `${who} is forgotten at a LoopExit: ${verb} ${shown(on)}`);
      assert.is(limit, undefined, `${who}: ${verb} ends by itself, and yet there was a LoopExit`);
    }
    for (const timeout of this.due.keys())
      assert.not(timeout.pending, 'a timeout is due, and yet there was a LoopExit');
  }

  protected override linked(kind: LinkKind, to: unknown, tell: (source: unknown) => void) {
    const link: Linked = { kind, to: to as Waitlike, told: 0, unlinked: false };
    const told = (source: unknown): void => {
      link.told++;
      this.holds(() =>
        assert.not(link.unlinked && link.kind === 'rawlink', 'a link is told that was taken back'),
      );
      tell(source);
    };
    this.registered.set(told, link);
    return told;
  }

  protected override unlinks(told: (source: unknown) => void, from: Waitlike): void {
    super.unlinks(told, from);
    (this.registered.get(told) as Linked).unlinked = true;
  }

  protected override ended(): void {
    this.holds(() => {
      for (const g of this.everybody) assert.ok(g.dead, `${g.name} has outlived 100 kills`);
      assert.is(this.waiting.size, 0, 'somebody waits still');
      this.checkPermits();
      this.checkItems();
      this.checkLinks();
    });
  }

  private checkItems(): void {
    const ascending = (items: number[]): number[] => items.toSorted((a, b) => a - b);
    for (const [queue, put] of this.put) {
      const taken = this.taken.get(queue) as number[];
      while (!queue.empty()) taken.push(queue.getNowait());
      const inOrder = !(queue instanceof LifoQueue || queue instanceof PriorityQueue);
      if (inOrder) assert.equal(taken, put, 'the items of a queue');
      else assert.equal(ascending(taken), ascending(put), `the items of a ${queue.constructor.name}`);
    }
  }

  private checkLinks(): void {
    for (const { kind, to, told, unlinked } of this.registered.values()) {
      const fits =
        to instanceof Greenlet
          ? kind === 'linkValue'
            ? to.successful()
            : kind === 'linkException'
              ? !to.successful()
              : true
          : false;
      if (unlinked || !(to instanceof Greenlet)) assert.ok(told <= 1, `a ${kind} is told ${told} times`);
      else assert.is(told, fits ? 1 : 0, `a ${kind} is told ${told} times`);
    }
  }
}

function flat(infos: readonly GreenletInfo[]): GreenletInfo[] {
  return infos.flatMap((info) => [info, ...flat(info.children)]);
}
