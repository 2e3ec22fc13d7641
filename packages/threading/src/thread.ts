import { show } from '@switchyard/greenlet/scheduler';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { checkTimeout, follow, type TimeoutOption } from '@switchyard/hub/core';
import { RuntimeError, share, TaskError, task } from '@switchyard/remote';
import {
  beforeEnd,
  encodeError,
  isShareable,
  referenceOf,
  requireReference,
  type RuntimeOptions,
  type WireError,
} from '@switchyard/remote/core';
import { ALIVE, alive, INITIAL, Join, Outcome, type Report, ThreadState } from './thread-state.ts';
import { currentRole, onRoleChange } from './thread-role.ts';

/** What a thread is made of. */
export interface ThreadOptions<A extends unknown[] = never[], R = unknown> {
  /** The task that it runs: a function made with `task(import.meta, name, fn)` or `inline(fn)`. */
  target?: ((...args: A) => R) | null;
  /** What the task is called with. */
  args?: NoInfer<Arguments<A>>;
  /** By default `Thread-1`, with the name of the target. */
  name?: string;
  /** Whether the program may end while it runs; by default as the thread that makes it. */
  daemon?: boolean | null;
  /** Limits of its heap, in MB. A thread with limits has a worker of its own. */
  resourceLimits?: NonNullable<RuntimeOptions['resourceLimits']>;
}

/** Where nothing is known of a target, as in a subclass, its arguments can be anything. */
type Arguments<A> = A extends never[] ? (never[] extends A ? readonly unknown[] : A) : A;

/** How to kill a thread. */
export interface KillThreadOptions {
  /** Milliseconds that it is given to stop by itself, through its task's signal; 0 by default. */
  grace?: number;
}

/** The state of a thread: apart from the fields that a subclass gives it. @internal */
export const inner: unique symbol = Symbol('thread');

let count = 0;

/**
 * A thread of its own: a task that runs in a worker thread, beside this one.
 *
 * ```ts
 * export const work = task(import.meta, 'work', (n: number) => n * 2);
 *
 * if (isMain(import.meta)) {
 *   const thread = new Thread({ target: work, args: [21] });
 *   thread.start();
 *   console.log(await thread); // 42
 * }
 * ```
 *
 * A subclass may have its own `run()` instead; it is made known with `register(import.meta, Class)`. Its fields travel to the
 * thread, and what `run` has made of them comes back before `join` returns.
 *
 * To wait for the thread itself (`yield* thread`, `await thread`) gives the value of its task or throws its error; `join`
 * does neither. An error that nobody waits for goes to `excepthook`.
 *
 * Python: `threading.Thread`. Differences: module scope and objects are not shared with other threads, but for those made to
 * be (locks, queues, events, shared memory); there is `kill`; and a thread has a value.
 */
export class Thread<T = unknown, A extends unknown[] = never[]> implements Waitable<T> {
  /** @internal */
  declare readonly [inner]: ThreadState;
  /** @internal */
  declare readonly [spec]: ThreadSpec;

  /**
   * @throws TypeError when an option is not what it should be; TaskError when the target cannot be found by name in another
   *   thread, with the line to write
   */
  constructor(options: ThreadOptions<A, Coroutine<T> | PromiseLike<T> | T> = {}) {
    if (options === null || typeof options !== 'object') {
      throw new TypeError(
        `Expected options for a Thread, as in { target: work, args: [1] }, got ${show(options)}`,
      );
    }
    const { target = null, args = [], name, daemon = null, resourceLimits } = options;
    if (target !== null) requireReference('Thread', target);
    if (!Array.isArray(args)) {
      throw new TypeError(`Expected an array as the args of a Thread, got ${show(args)}`);
    }
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`Expected a string as the name of a Thread, got ${show(name)}`);
    }
    if (daemon !== null && typeof daemon !== 'boolean') {
      throw new TypeError(`Expected true or false as the daemon of a Thread, got ${show(daemon)}`);
    }
    const called =
      name ?? `Thread-${++count}${target === null ? '' : ` (${(target as { name: string }).name})`}`;
    hide(this, inner, new ThreadState(this as Thread, called, daemon ?? currentRole().daemon));
    hide(this, spec, {
      target,
      args,
      options: resourceLimits === undefined ? undefined : { resourceLimits },
    });
  }

  /**
   * Starts it. @throws RuntimeError when it has been started before; TaskError when it is of a subclass that was not
   * registered; CloneError when an argument cannot be sent; BootstrapError when its module is only being imported
   */
  start(): void {
    const state = this[inner];
    if (state.phase !== INITIAL) throw new RuntimeError('threads can only be started once');
    const { target, args, options } = this[spec];
    if (this.run === Thread.prototype.run) {
      state.begin(runTarget, [target, args], TARGET_NAMES, childrenGone, options);
    } else {
      const constructor = this.constructor as { name: string };
      if (referenceOf(constructor) === undefined) {
        throw new TaskError(
          `${constructor.name} has a run() of its own, which another thread has to find by name: write ` +
            `register(import.meta, ${constructor.name}) below the class`,
        );
      }
      const fields = Object.fromEntries(Object.entries(this));
      state.begin(runInstance, [constructor, fields, target, args], INSTANCE_NAMES, childrenGone, options);
    }
  }

  /**
   * What it does, in its own thread: by default calls the target. To be overridden in a subclass. What it returns is waited
   * for if it can be, and is the value of the thread.
   */
  run(): unknown {
    const { target, args } = this[spec];
    return target?.(...(args as never[]));
  }

  /**
   * Waits until it has ended, in whatever way. Never throws its error.
   *
   * @returns whether it has ended; false when the timeout (in ms) came first
   * @throws RuntimeError when it has not been started, or is the thread that runs this
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    const limit = checkTimeout(options, 'Thread.join');
    this.checkJoin();
    return new Join(this[inner], limit);
  }

  /**
   * Ends it, which Python cannot: its task's signal aborts, a generator task gets a `GreenletExit`, and when the grace time
   * is over its worker is ended by force. A lock that it holds counts as abandoned.
   *
   * @param reason of the `GreenletExit` that whoever waits for its value gets
   * @returns a wait for its end; the kill is on its way when this returns
   */
  kill(reason?: unknown, { grace = 0 }: KillThreadOptions = {}): Waitable<boolean> {
    if (typeof grace !== 'number' || Number.isNaN(grace) || grace < 0) {
      throw new TypeError(`Expected milliseconds from 0 up as the grace of Thread.kill, got ${show(grace)}`);
    }
    this.checkJoin();
    this[inner].kill(reason, grace);
    return new Join(this[inner], -1);
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    return this[inner].phase === ALIVE;
  }

  /** Its name: for messages, need not be unique. */
  get name(): string {
    return this[inner].name;
  }

  set name(name: string) {
    this[inner].name = String(name);
  }

  /** A number that no other thread of this process has; null before it was started. */
  get ident(): number | null {
    return this[inner].ident;
  }

  /** The `threadId` of the worker thread that it runs in; null before it was started. */
  get nativeId(): number | null {
    return this[inner].nativeId;
  }

  /** Whether the program may end while it runs. */
  get daemon(): boolean {
    return this[inner].daemon;
  }

  /** @throws RuntimeError when it has been started */
  set daemon(daemon: boolean) {
    if (typeof daemon !== 'boolean') {
      throw new TypeError(`Expected true or false as the daemon of a Thread, got ${show(daemon)}`);
    }
    if (this[inner].phase !== INITIAL)
      throw new RuntimeError('cannot set daemon status of a thread that was started');
    this[inner].daemon = daemon;
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    this.checkJoin();
    return new Outcome<T>(this[inner])[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    try {
      this.checkJoin();
    } catch (error) {
      return Promise.reject(error).then(fulfilled as never, rejected);
    }
    return new Outcome<T>(this[inner]).then(fulfilled, rejected);
  }

  /** @internal */
  [share](): never {
    throw new TaskError(
      `The thread ${this.name} cannot be sent to another thread: send an Event or a Queue that it uses`,
    );
  }

  get [Symbol.toStringTag](): string {
    return `Thread ${this.name}`;
  }

  private checkJoin(): void {
    const { phase, ident, foreign } = this[inner];
    if (phase === INITIAL) throw new RuntimeError('cannot join a thread before it is started');
    if (ident === currentRole().agent) throw new RuntimeError('cannot join the current thread');
    if (foreign) {
      throw new RuntimeError(`cannot join the thread ${this.name} from here: it was started elsewhere`);
    }
  }
}

const TARGET_NAMES = ['target', 'args'];
const INSTANCE_NAMES = ['class', 'this', 'target', 'args'];

interface ThreadSpec {
  readonly target: ((...args: never[]) => unknown) | null;
  readonly args: readonly unknown[];
  readonly options: RuntimeOptions | undefined;
}

const spec: unique symbol = Symbol('spec');

function hide(target: object, key: symbol, value: unknown): void {
  Object.defineProperty(target, key, { value });
}

/** Runs a target in a worker on behalf of a thread that counts as started already. @internal */
export function runLater(
  thread: { readonly [inner]: ThreadState },
  target: Run,
  args: readonly unknown[],
): void {
  const state = thread[inner];
  try {
    state.begin(runTarget, [target, args], TARGET_NAMES, childrenGone, undefined);
  } catch (error) {
    state.finish(true, error);
  }
}

/** A thread that was not started here: the main one, and the one that a worker runs as. @internal */
export function embody<C extends Thread>(
  prototype: C,
  role: { agent: number; name: string; daemon: boolean },
): C {
  const thread = Object.create(prototype) as C;
  const state = new ThreadState(thread, role.name, role.daemon);
  state.embody(role.agent);
  hide(thread, inner, state);
  void Object.defineProperty(thread, spec, {
    value: { target: null, args: [], options: undefined },
    configurable: true,
  });
  return thread;
}

let itself: Thread | null = null;
onRoleChange(() => {
  itself = null;
});

/** The thread that runs this. Python: `threading.current_thread`. */
export function currentThread(): Thread {
  return (itself ??= embody(Thread.prototype as Thread, currentRole()));
}

type Run = (...args: never[]) => unknown;

const runTarget = task(import.meta, 'runTarget', function* (target: Run | null, args: never[]) {
  return yield* reported(() => target?.(...args), null);
});

const runInstance = task(
  import.meta,
  'runInstance',
  function* (constructor: { prototype: Thread }, fields: object, target: Run | null, args: never[]) {
    const thread = embody(constructor.prototype, currentRole());
    void Object.assign(thread, fields);
    void Object.defineProperty(thread, spec, { value: { target, args, options: undefined } });
    itself = thread;
    return yield* reported(() => thread.run(), thread);
  },
);

function* reported(body: () => unknown, thread: Thread | null): Coroutine<Report> {
  let end: { value?: unknown; error?: WireError };
  try {
    end = { value: yield* follow<unknown>(body) };
  } catch (error) {
    end = { error: encodeError(error) };
  }
  const fields = thread === null ? undefined : fieldsOf(thread);
  return { ...end, fields, children: [...alive].some((child) => !child.daemon) };
}

/** What of its fields can go back. */
function fieldsOf(thread: Thread): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(thread)) {
    // The one over there is the same.
    if (value !== null && typeof value === 'object' && isShareable(value)) continue;
    try {
      structuredClone(value);
      fields[key] = value;
    } catch {
      // A socket and the like, of use only where it was made.
    }
  }
  return fields;
}

const childrenGone = task(import.meta, 'childrenGone', async () => {
  for (const thread of alive) if (!thread.daemon) await thread.join();
});

// In a process that runs tasks the main thread waits as well.
beforeEnd(childrenGone);
