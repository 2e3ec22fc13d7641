import { Buffer } from 'node:buffer';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';
import { RuntimeError, share, TaskError } from '@switchyard/remote';
import { referenceOf } from '@switchyard/remote/core';
import { hide, inner, spec } from './embodied.ts';
import {
  checkAuthkey,
  checkDaemon,
  type ProcessOptions,
  type ProcessSpec,
  processSpec,
} from './process-options.ts';
import { changeRole, currentRole, nextIdentity } from './process-role.ts';
import { INSTANCE_NAMES, runInstance, runTarget, TARGET_NAMES } from './process-run.ts';
import { ALIVE, checkWait, INITIAL, Join, Outcome, ProcessState } from './process-state.ts';
import { nameOf } from './start-child.ts';

/**
 * A process of its own, with a memory of its own: a task that runs in another Node, beside this one.
 *
 * ```ts
 * export const work = task(import.meta, 'work', (n: number) => n * 2);
 *
 * if (isMain(import.meta)) {
 *   const process = new Process({ target: work, args: [21] });
 *   process.start();
 *   console.log(await process); // 42
 * }
 * ```
 *
 * A subclass may have its own `run()` instead; it is made known with `register(import.meta, Class)`. Its fields travel to the
 * process with it; what becomes of them there is not seen here.
 *
 * It ends when its task and the children that it has started have ended, whatever timers and sockets it has left, and with
 * the process that started it, however that ends. That one waits for it before it ends of itself, but for a daemon, which is
 * ended then.
 *
 * To wait for the process itself (`yield* process`, `await process`) gives the value of its task or throws its error;
 * `join` does neither. An error that nobody waits for is printed on stderr.
 *
 * Python: `multiprocessing.Process`. Differences: it always starts a fresh Node (as the start method `spawn`), and has a value.
 */
export class Process<T = unknown, A extends unknown[] = never[]> implements Waitable<T> {
  /** @internal */
  declare readonly [inner]: ProcessState;
  /** @internal */
  declare readonly [spec]: ProcessSpec;

  /**
   * @throws TypeError when an option is not what it should be; TaskError when the target cannot be found by name in another
   *   process, with the line to write
   */
  constructor(
    options: ProcessOptions<A, Coroutine<T> | PromiseLike<T> | T> = {} as ProcessOptions<A, never>,
  ) {
    const made = processSpec(options);
    const identity = nextIdentity();
    const name = made.name ?? nameOf('Process', identity);
    const { authkey } = currentRole();
    hide(this, inner, new ProcessState(this as Process, name, made.daemon, identity, authkey));
    hide(this, spec, made);
  }

  /**
   * Starts it. @throws RuntimeError when it has been started before, or by a daemon, which may not have children; TaskError
   * when it is of a subclass that was not registered; CloneError when an argument cannot be sent; BootstrapError when its
   * module is only being imported
   */
  start(): void {
    const state = this.open();
    if (state.phase !== INITIAL) throw new RuntimeError('processes can only be started once');
    const { target, args } = this[spec];
    if (this.run === Process.prototype.run) {
      state.begin(runTarget, [target, args], TARGET_NAMES);
      return;
    }
    const constructor = this.constructor as { name: string };
    if (referenceOf(constructor) === undefined) {
      throw new TaskError(
        `${constructor.name} has a run() of its own, which another process has to find by name: write ` +
          `register(import.meta, ${constructor.name}) below the class`,
      );
    }
    const fields = Object.fromEntries(Object.entries(this));
    state.begin(runInstance, [constructor, fields, target, args], INSTANCE_NAMES);
  }

  /**
   * What it does, in its own process: by default calls the target. To be overridden in a subclass. What it returns is waited
   * for if it can be, and is the value of the process.
   */
  run(): unknown {
    const { target, args } = this[spec];
    return target?.(...(args as never[]));
  }

  /**
   * Waits until it has ended, in whatever way. Never throws its error.
   *
   * @returns whether it has ended; false when the timeout (in ms) came first
   * @throws RuntimeError when it has not been started, or not by this process, or was closed
   */
  join(options?: TimeoutOption): Waitable<boolean> {
    const limit = checkTimeout(options, 'Process.join');
    const state = this.open();
    // Its end is also that of this process.
    if (!state.foreign || state.pid === process.pid) checkWait(state, 'join');
    return new Join(state, limit);
  }

  /**
   * Asks it to end, with SIGTERM, which it can handle; nothing happens when it has ended. On Windows it is ended by force.
   *
   * @throws RuntimeError when it has not been started, or not by this process, or was closed
   */
  terminate(): void {
    const state = this.open();
    checkWait(state, 'terminate');
    state.signal('SIGTERM');
  }

  /** Ends it by force, with SIGKILL. Otherwise as `terminate`. */
  kill(): void {
    const state = this.open();
    checkWait(state, 'kill');
    state.signal('SIGKILL');
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    const state = this.open();
    return state.phase === ALIVE && (!state.foreign || runs(state.pid as number));
  }

  /**
   * Lets go of it: whatever else is done with it is a RuntimeError from now on. Python: `close`.
   *
   * @throws RuntimeError while it is alive
   */
  close(): void {
    const state = this[inner];
    if (state.phase === ALIVE) {
      throw new RuntimeError(
        `cannot close process ${state.name} while it runs: terminate() or join() it first`,
      );
    }
    state.closed = true;
  }

  /** Its name: for messages, need not be unique. */
  get name(): string {
    return this[inner].name;
  }

  set name(name: string) {
    const state = this[inner];
    state.name = String(name);
    if (isSelf(state)) changeRole({ name: state.name });
  }

  /** The id that the system has given it; null before it was started. */
  get pid(): number | null {
    return this.open().pid;
  }

  /** The same as `pid`. */
  get ident(): number | null {
    return this.pid;
  }

  /**
   * Null until it has ended. 0 when it did all that it was to do, 1 when it threw an error, n after `process.exit(n)`, and
   * -15 or the like when a signal ended it.
   */
  get exitcode(): number | null {
    return this.open().exitcode;
  }

  /** Whether it is ended with the process that started it. */
  get daemon(): boolean {
    return this[inner].daemon;
  }

  /** @throws RuntimeError when it has been started */
  set daemon(daemon: boolean) {
    checkDaemon(daemon);
    if (this[inner].phase !== INITIAL)
      throw new RuntimeError('cannot set daemon status of a process that was started');
    this[inner].daemon = daemon;
  }

  /** The secret by which processes of one family know each other; by default that of the process that made it. */
  get authkey(): Buffer {
    return Buffer.from(this[inner].authkey);
  }

  set authkey(key: Uint8Array) {
    checkAuthkey(key);
    const state = this[inner];
    state.authkey = new Uint8Array(key);
    if (isSelf(state)) changeRole({ authkey: state.authkey });
  }

  /**
   * A wait for its end that can be waited for any number of times, also with others: `race([one.sentinel, two.sentinel])`.
   * Gives true.
   *
   * @throws RuntimeError when it has not been started, or not by this process, or was closed
   */
  get sentinel(): Waitable<boolean> {
    const state = this.open();
    checkWait(state, 'wait for');
    return new Join(state, -1);
  }

  [Symbol.iterator](): ReturnType<Waitable<T>[typeof Symbol.iterator]> {
    const state = this.open();
    checkWait(state, 'wait for');
    return new Outcome<T>(state)[Symbol.iterator]();
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    try {
      const state = this.open();
      checkWait(state, 'wait for');
      return new Outcome<T>(state).then(fulfilled, rejected);
    } catch (error) {
      return Promise.reject(error).then(fulfilled as never, rejected);
    }
  }

  /** Read by whoever is about to send it. @internal */
  get [share](): never {
    throw new TaskError(
      `The process ${this.name} cannot be sent to another one: send its pid, or an Event or a Queue that it uses`,
    );
  }

  get [Symbol.toStringTag](): string {
    return `Process ${this.name}`;
  }

  private open(): ProcessState {
    const state = this[inner];
    if (state.closed) throw new RuntimeError(`process ${state.name} is closed`);
    return state;
  }
}

function isSelf(state: ProcessState): boolean {
  return state.foreign && state.pid === process.pid;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
