/** What a scenario is played on: its objects and greenlets, and the trace of what happens to them. */
import { getHub, type Waitable } from '@switchyard/hub';
import {
  AsyncResult,
  BoundedSemaphore,
  type Coroutine,
  Event,
  type Greenlet,
  GreenletExit,
  Group,
  JoinableQueue,
  LifoQueue,
  Pool,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
  Timeout,
  type Waitlike,
} from '../../src/index.ts';
import type { LinkKind, ObjectKind, Scenario, Step, StepOptions, Trace } from './scenario.ts';

/** What steps throw on purpose. */
export class Boom extends Error {}

/** A wait that a step begins. */
export interface Waiting {
  readonly who: string;
  readonly verb: string;
  /** What is waited for. */
  readonly on: unknown;
  /** How long at the most; undefined for as long as it takes. */
  readonly limit: number | undefined;
}

type Thing = Event | AsyncResult | Lock | Queue<number> | Members;
export type Lock = Semaphore | RLock;
export type Members = Group | Pool;

/** One run of a scenario, to be watched by a subclass. */
export abstract class Stage {
  protected readonly objects: Record<string, Thing> = {};
  protected readonly greenlets: Record<string, Greenlet<unknown>> = {};
  /** Those that the scenario has no name for as well. */
  protected readonly everybody = new Set<Greenlet<unknown>>();
  /** The timeouts that steps have started: a wait that gives up by itself throws one that is not among them. */
  protected readonly started = new Set<unknown>();
  protected readonly bodies: Record<string, Step[]>;
  protected readonly ends: boolean;
  protected readonly links = new Map<string, () => void>();
  protected readonly timeouts = new Map<string, Timeout>();
  protected readonly maps: Disposable[] = [];
  protected readonly trace: Trace = [];

  constructor(scenario: Scenario) {
    this.bodies = scenario.greenlets;
    this.ends = scenario.ends === true;
    for (const [name, [kind, size]] of Object.entries(scenario.objects ?? {}))
      this.objects[name] = make(kind, size);
  }

  /** Runs a greenlet of the scenario. */
  protected abstract body(name: string): Coroutine<unknown>;

  /** Wraps each wait. */
  protected *waits<T>(_waiting: Waiting, from: Waitable<T>): Coroutine<T> {
    return yield* from;
  }

  /** Told of each error that a step gets, be it handled or not. */
  protected hears(_error: unknown): void {}

  protected starts(timeout: Timeout, _ms: number): void {
    this.started.add(timeout);
  }

  protected say(who: string, ...words: unknown[]): void {
    this.trace.push([getHub().now(), [who, ...words.map((word) => this.shown(word))].join(' ')]);
  }

  protected sayState(who: string, name: string, g: Greenlet<unknown>): void {
    this.say(who, 'sees', name, g.dead, g.ready(), g.successful(), g.value, g.exception);
  }

  protected shown(value: unknown): string {
    if (value === undefined || value === null) return 'none';
    if (value instanceof Boom) return 'Boom';
    if (value instanceof Error) return value.name;
    if (Array.isArray(value)) return `[${value.map((one) => this.shown(one)).join(' ')}]`;
    for (const names of [this.greenlets, this.objects]) {
      for (const [name, known] of Object.entries(names)) if (known === value) return name;
    }
    return String(value);
  }

  protected named(names: string[]): Greenlet<unknown>[] {
    return names.flatMap((name) => this.greenlets[name] ?? []);
  }

  protected objectsOf(names: string[]): Waitlike[] {
    const objects = names.flatMap((name) => (this.greenlets[name] ?? this.objects[name] ?? []) as Waitlike);
    for (const thing of objects) pin(thing, thing.ready());
    return objects;
  }

  /** Whether a wait has given up by itself. Otherwise it is cut short by a timeout around it. */
  protected own(error: unknown, options: StepOptions = {}): boolean {
    const limited = options.timeout !== undefined || options.block === false;
    return limited && error instanceof Timeout && !this.started.has(error);
  }

  protected spawned(name: string, make: () => Greenlet<unknown>): boolean {
    if (this.greenlets[name] !== undefined) return false;
    this.greenlets[name] = make();
    this.everybody.add(this.greenlets[name]);
    return true;
  }
  protected unlinks(told: (source: unknown) => void, from: Waitlike): void {
    from.unlink(told);
  }

  /** What is linked, given what it does. */
  protected linked(
    _kind: LinkKind,
    _to: unknown,
    tell: (source: unknown) => void,
  ): (source: unknown) => void {
    return tell;
  }

  /** A block with a timeout has ended by itself. */
  protected passes(_timeout: Timeout): void {}

  protected sets(_thing: Event | AsyncResult): void {}
  protected took(_lock: Lock): void {}
  protected gave(_lock: Lock): void {}
  protected hasPut(_queue: Queue<number>, _item: number): void {}
  protected hasTaken(_queue: Queue<number>, _item: number): void {}
  /** All is over, and all are dead. */
  protected ended(): void {}

  /**
   * Says what a wait gives, or the way in which it fails, if that is part of it.
   *
   * @param value what is to be had: the exit of a killed greenlet, which ours throws and Python's gives
   */
  protected *says(
    who: string,
    what: string,
    from: Coroutine<unknown>,
    value: () => unknown,
    options?: StepOptions,
  ): Coroutine {
    let got: unknown;
    try {
      got = yield* from;
    } catch (error) {
      const exit = error instanceof GreenletExit && error === value();
      if (!exit && !(error instanceof Boom) && !this.own(error, options)) throw error;
      got = error;
    }
    this.say(who, what, got);
  }
}

/**
 * Links one more to what is about to tell those who wait. When the last of them leaves before that, gevent calls it off,
 * and forgets those who came to wait in the meantime: a lost wake-up of its own, which is not played.
 */
export function pin(thing: unknown, holds: boolean): void {
  const kinds = [Event, AsyncResult, Semaphore, RLock];
  if (holds && kinds.some((kind) => thing instanceof kind)) (thing as Event).rawlink(() => undefined);
}

function make(kind: ObjectKind, size: number | null | undefined): Thing {
  switch (kind) {
    case 'event':
      return new Event();
    case 'result':
      return new AsyncResult();
    case 'semaphore':
      return new Semaphore(size ?? 1);
    case 'bounded':
      return new BoundedSemaphore(size ?? 1);
    case 'rlock':
      return new RLock();
    case 'queue':
      return new Queue<number>(size);
    case 'joinable':
      return new JoinableQueue<number>(size);
    case 'lifo':
      return new LifoQueue<number>(size);
    case 'priority':
      return new PriorityQueue<number>(size);
    case 'group':
      return new Group();
    case 'pool':
      return new Pool(size);
  }
}
