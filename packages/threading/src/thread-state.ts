import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { ERROR, hub, Line, PENDING, type Queued, TimedWait, VALUE } from '@switchyard/hub/core';
import { CloneError, RuntimeError } from '@switchyard/remote';
import { Call, decodeError, type Exit, type RuntimeOptions, type WireError } from '@switchyard/remote/core';
import { excepthook } from './excepthook.ts';
import type { Thread } from './thread.ts';
import { type Tenant, WorkerThread } from './worker-thread.ts';

export const INITIAL = 0;
/** Started, and not ended. */
export const ALIVE = 1;
export const ENDED = 2;

/** The threads that were started here and have not ended. @internal */
export const alive = new Set<Thread>();

/** What the run of a thread left behind. */
export interface Report {
  /** The value of its target, or the error that it threw. */
  readonly value?: unknown;
  readonly error?: WireError;
  /** The fields of one of a subclass. */
  readonly fields?: Record<string, unknown>;
  /** Whether threads that it started have to be waited for. */
  readonly children: boolean;
}

/** The life of one thread, as its starter sees it. @internal */
export class ThreadState implements Tenant, Queued {
  phase: number;
  name: string;
  daemon: boolean;
  ident: number | null;
  nativeId: number | null;
  /** The error that ended it, or undefined. */
  failed: boolean;
  outcome: unknown;
  /** Whether it was started elsewhere: its end is not known here. */
  foreign: boolean;
  /** Asks for its death: the reason. */
  killed: { readonly reason: unknown } | null;
  worker: WorkerThread | null;
  private readonly thread: Thread;
  private readonly waits: Line<ThreadWait<unknown>>;
  /** How many wait for its value, and will see its error. */
  private watchers: number;
  private call: Call | null;

  constructor(thread: Thread, name: string, daemon: boolean) {
    this.phase = INITIAL;
    this.name = name;
    this.daemon = daemon;
    this.ident = null;
    this.nativeId = null;
    this.failed = false;
    this.outcome = undefined;
    this.foreign = false;
    this.killed = null;
    this.worker = null;
    this.thread = thread;
    this.waits = new Line();
    this.watchers = 0;
    this.call = null;
  }

  /**
   * Starts it: has a worker run `target`, one of our own tasks, which gives a `Report`.
   *
   * @param names what its user calls the arguments
   */
  begin(
    target: object,
    args: readonly unknown[],
    names: readonly string[],
    childrenGone: () => Promise<void>,
    options: RuntimeOptions | undefined,
  ): void {
    const worker = WorkerThread.lease(this, this.name, this.daemon, options, this.ident);
    const call = new ThreadCall(this, target, args, names, childrenGone);
    try {
      worker.peer.push(call);
    } catch (error) {
      void worker.release();
      throw error;
    }
    this.worker = worker;
    this.call = call;
    this.alive(worker.role.agent, worker.peer.runtime.id);
    if (this.daemon) worker.peer.runtime.unref();
  }

  /** It runs from now on. */
  alive(ident: number, nativeId: number | null): void {
    this.phase = ALIVE;
    this.ident = ident;
    this.nativeId = nativeId;
    alive.add(this.thread);
  }

  /** It runs as this one, and was started elsewhere. */
  embody(ident: number): void {
    this.phase = ALIVE;
    this.ident = ident;
    this.foreign = true;
  }

  /** Takes over what the run has left in its own copy of the thread. */
  adopt(fields: Record<string, unknown>): void {
    void Object.assign(this.thread, fields);
  }

  /** It has ended. */
  finish(failed: boolean, outcome: unknown): void {
    if (this.phase === ENDED) return;
    this.phase = ENDED;
    this.failed = failed;
    this.outcome = outcome;
    this.call = null;
    alive.delete(this.thread);
    if (failed && this.watchers === 0 && this.killed === null)
      excepthook({ error: outcome, thread: this.thread });
    if (this.waits.length > 0) hub.schedule(this);
  }

  /** Lets those go on who wait for its end. */
  turn(): void {
    for (let wait = this.waits.shift(); wait !== null; wait = this.waits.shift()) {
      hub.outside--;
      wait.notify();
    }
  }

  exited(_worker: WorkerThread, _exit: Exit): void {
    this.worker = null;
  }

  /** Asks it to stop, and ends it by force after a grace time. */
  kill(reason: unknown, grace: number): void {
    if (this.phase !== ALIVE || this.killed !== null) return;
    this.killed = { reason };
    const { worker, call } = this;
    if (worker === null || call === null) {
      this.finish(true, killedError(this.name, reason));
      return;
    }
    worker.peer.cancel(call, reason ?? killedError(this.name, reason));
    if (grace <= 0) worker.kill();
    else if (grace !== Infinity) {
      setTimeout(() => {
        if (this.phase === ALIVE) worker.kill();
      }, grace).unref();
    }
  }

  enqueue(wait: ThreadWait<unknown>, watches: boolean): void {
    this.waits.push(wait);
    if (watches) this.watchers++;
    hub.outside++;
    // Whoever waits for a daemon needs it.
    if (this.daemon) this.worker?.peer.runtime.ref();
  }

  dequeue(wait: ThreadWait<unknown>, watches: boolean): void {
    const before = this.waits.length;
    this.waits.remove(wait);
    if (this.waits.length === before) return;
    if (watches) this.watchers--;
    hub.outside--;
    if (this.daemon && this.waits.length === 0) this.worker?.peer.runtime.unref();
  }
}

class ThreadCall extends Call {
  private readonly state: ThreadState;
  private readonly names: readonly string[];
  private readonly childrenGone: () => Promise<void>;

  constructor(
    state: ThreadState,
    target: object,
    args: readonly unknown[],
    names: readonly string[],
    childrenGone: () => Promise<void>,
  ) {
    super(target, args, 0, state.name);
    this.state = state;
    this.names = names;
    this.childrenGone = childrenGone;
  }

  override argumentNames(): readonly string[] {
    return this.names;
  }

  override settled(failed: boolean, outcome: unknown): void {
    const { state } = this;
    const worker = state.worker as WorkerThread;
    const report: Report = failed ? { children: false } : (outcome as Report);
    const error = failed ? outcome : report.error === undefined ? undefined : decodeError(report.error);
    // What it returned is a part of what our own task did.
    if (outcome instanceof CloneError)
      outcome.message = outcome.message.replace(/^result\.value\b/, 'result');
    state.worker = null;
    // The threads that it has started go on, and with them the worker that runs them.
    if (report.children) {
      worker.leave();
      worker.peer.push(new Release(worker, this.childrenGone));
    } else void worker.release();
    if (report.fields !== undefined) state.adopt(report.fields);
    if (!failed && report.error === undefined) state.finish(false, report.value);
    else state.finish(true, state.killed === null ? error : killedError(state.name, state.killed.reason));
  }

  override lost(exit: Exit): void {
    const { state } = this;
    state.worker = null;
    if (state.killed !== null) state.finish(true, killedError(state.name, state.killed.reason));
    else if (exit.error !== undefined) state.finish(true, exit.error);
    // As SystemExit in Python: it wanted to end.
    else if (exit.code === 0) state.finish(false, undefined);
    else state.finish(true, new RuntimeError(`thread ${state.name} exited with code ${exit.code}`));
  }
}

/** Gives a worker back when the threads that were started in it have ended. */
class Release extends Call {
  private readonly worker: WorkerThread;

  constructor(worker: WorkerThread, childrenGone: () => Promise<void>) {
    super(childrenGone, [], 0);
    this.worker = worker;
  }

  override settled(): void {
    void this.worker.release();
  }

  override lost(): void {}
}

function killedError(name: string, reason: unknown): unknown {
  if (reason instanceof GreenletExit) return reason;
  const why =
    reason === undefined
      ? ''
      : `: ${reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : show(reason)}`;
  return new GreenletExit(`thread ${name} was killed${why}`, { cause: reason });
}

/** A wait for the end of a thread. @internal */
export abstract class ThreadWait<T> extends TimedWait<T> {
  protected readonly thread: ThreadState;
  private readonly watches: boolean;

  constructor(state: ThreadState, limit: number, watches: boolean) {
    super(limit);
    this.thread = state;
    this.watches = watches;
  }

  abstract notify(): void;

  protected park(): typeof PENDING {
    this.thread.enqueue(this as ThreadWait<unknown>, this.watches);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.thread.dequeue(this as ThreadWait<unknown>, this.watches);
  }

  protected unpark(): void {
    this.detach();
  }
}

/** Waits until it has ended. @internal */
export class Join extends ThreadWait<boolean> {
  constructor(state: ThreadState, limit: number) {
    super(state, limit, false);
  }

  override notify(): void {
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.unpark();
    this.resume(VALUE, false);
  }

  override describe(): string {
    return `thread ${this.thread.name} to end`;
  }

  protected override begin(): boolean | typeof PENDING {
    if (this.thread.phase === ENDED) return true;
    return this.limit === 0 ? false : this.park();
  }
}

/** Waits for the value of its target. @internal */
export class Outcome<T> extends ThreadWait<T> {
  constructor(state: ThreadState) {
    super(state, -1, true);
  }

  override notify(): void {
    this.resume(this.thread.failed ? ERROR : VALUE, this.thread.outcome);
  }

  override expire(): void {}

  override describe(): string {
    return `thread ${this.thread.name}`;
  }

  protected override begin(): T | typeof PENDING {
    if (this.thread.phase !== ENDED) return this.park();
    if (this.thread.failed) throw this.thread.outcome;
    return this.thread.outcome as T;
  }
}
