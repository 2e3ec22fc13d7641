import { hub, ERROR, Line, PENDING, type Queued, TimedWait, VALUE } from '@switchyard/hub/core';
import { RuntimeError } from '@switchyard/remote';
import { Call, decodeError, type Exit, type Peer, type WireError } from '@switchyard/remote/core';
import { exitcodeOf, printFailure, processError } from './process-error.ts';
import type { Process } from './process.ts';
import { sendSignal, startChild } from './start-child.ts';

export const INITIAL = 0;
/** Started, and not ended. */
export const ALIVE = 1;
export const ENDED = 2;

/** The processes that were started here and have not ended. @internal */
export const alive = new Set<Process>();

/** What a process tells of its run, before it ends: what came of it, and that this was all. */
export type News = readonly ['value', unknown] | readonly ['error', WireError] | typeof ALL;
export const ALL = 'all';

/** The life of one process, as its starter sees it. @internal */
export class ProcessState implements Queued {
  phase: number;
  name: string;
  daemon: boolean;
  authkey: Uint8Array;
  readonly identity: readonly number[];
  pid: number | null;
  /** Null until it has ended. */
  exitcode: number | null;
  /** Whether it was started elsewhere: its end is not known here. */
  foreign: boolean;
  closed: boolean;
  private readonly process: Process;
  private failed: boolean;
  private outcome: unknown;
  private peer: Peer | null;
  private readonly waits: Line<ProcessWait<unknown>>;
  /** How many wait for its value, and will see its error. */
  private watchers: number;

  constructor(
    process: Process,
    name: string,
    daemon: boolean,
    identity: readonly number[],
    authkey: Uint8Array,
  ) {
    this.phase = INITIAL;
    this.name = name;
    this.daemon = daemon;
    this.authkey = authkey;
    this.identity = identity;
    this.pid = null;
    this.exitcode = null;
    this.foreign = false;
    this.closed = false;
    this.process = process;
    this.failed = false;
    this.outcome = undefined;
    this.peer = null;
    this.waits = new Line();
    this.watchers = 0;
  }

  /**
   * Starts it: has a child run `target`, one of our own tasks, which tells `News`.
   *
   * @param names what its user calls the arguments
   */
  begin(target: object, args: readonly unknown[], names: readonly string[]): void {
    const { name, daemon, identity, authkey } = this;
    const call = new ProcessCall(this, target, args, names);
    const peer = startChild(
      { exited: (_peer, exit) => call.ended(exit) },
      { name, daemon, identity, authkey },
    );
    try {
      peer.push(call);
    } catch (error) {
      call.dropped = true;
      peer.runtime.kill();
      throw error;
    }
    this.peer = peer;
    this.phase = ALIVE;
    this.pid = peer.runtime.id < 0 ? null : peer.runtime.id;
    alive.add(this.process);
    if (daemon) peer.runtime.unref();
  }

  /** It runs as this one, or is its parent: it was started elsewhere. */
  embody(pid: number): void {
    this.phase = ALIVE;
    this.pid = pid;
    this.foreign = true;
  }

  /** It has nothing to do. */
  stop(): void {
    this.peer?.stop();
  }

  signal(signal: NodeJS.Signals): void {
    if (this.peer !== null) sendSignal(this.peer, signal);
  }

  /** It has ended. @param tell whether its error is one that nobody could have meant */
  finish(exitcode: number, failed: boolean, outcome: unknown, tell: boolean): void {
    this.phase = ENDED;
    this.exitcode = exitcode;
    this.failed = failed;
    this.outcome = outcome;
    this.peer = null;
    alive.delete(this.process);
    if (tell && this.watchers === 0) printFailure(this.name, outcome);
    if (this.waits.length > 0) hub.schedule(this);
  }

  /** Lets those go on who wait for its end. */
  turn(): void {
    for (let wait = this.waits.shift(); wait !== null; wait = this.waits.shift()) {
      hub.outside--;
      wait.notify();
    }
  }

  /** Its value; throws its error. */
  result(): unknown {
    if (this.failed) throw this.outcome;
    return this.outcome;
  }

  /** How a wait for its value ends. */
  answer(wait: ProcessWait<unknown>): void {
    wait.resume(this.failed ? ERROR : VALUE, this.outcome);
  }

  enqueue(wait: ProcessWait<unknown>, watches: boolean): void {
    this.waits.push(wait);
    if (watches) this.watchers++;
    hub.outside++;
    // Whoever waits for a daemon needs it.
    if (this.daemon) this.peer?.runtime.ref();
  }

  dequeue(wait: ProcessWait<unknown>, watches: boolean): void {
    const before = this.waits.length;
    this.waits.remove(wait);
    if (this.waits.length === before) return;
    if (watches) this.watchers--;
    hub.outside--;
    if (this.daemon && this.waits.length === 0) this.peer?.runtime.unref();
  }
}

/** The run of a process. */
class ProcessCall extends Call {
  /** Whether it has not been started after all. */
  dropped: boolean;
  private readonly state: ProcessState;
  private readonly names: readonly string[];
  private report: Exclude<News, typeof ALL> | null;
  /** Whether the report has come: what is in it may be still on its way, as its modules are being loaded. */
  private told: boolean;
  /** What kept it from running at all. */
  private failure: { readonly error: unknown } | null;
  private exit: Exit | null;

  constructor(state: ProcessState, target: object, args: readonly unknown[], names: readonly string[]) {
    super(target, args, 0, state.name);
    this.dropped = false;
    this.state = state;
    this.names = names;
    this.report = null;
    this.told = false;
    this.failure = null;
    this.exit = null;
  }

  override argumentNames(): readonly string[] {
    return this.names;
  }

  override event(news: unknown): void {
    if (news === ALL) this.told = true;
    // Anything else is what the loading of its modules failed with.
    else this.report = Array.isArray(news) ? (news as never) : ['error', { value: news }];
    this.conclude();
  }

  // One that runs ends by itself, and never tells the end of the run as such.
  override settled(failed: boolean, outcome: unknown): void {
    if (failed) this.failure = { error: outcome };
    this.state.stop();
  }

  override lost(): void {}

  ended(exit: Exit): void {
    this.exit = exit;
    if (!this.dropped) this.conclude();
  }

  private conclude(): void {
    const { exit, report, state, failure } = this;
    if (exit === null || (this.told && report === null) || state.phase === ENDED) return;
    const exitcode = exitcodeOf(exit);
    if (failure !== null) state.finish(exitcode === 0 ? 1 : exitcode, true, failure.error, true);
    else if (report !== null) {
      if (report[0] === 'value') state.finish(exitcode, false, report[1], false);
      else state.finish(exitcode, true, decodeError(report[1]), true);
    } else if (exit.error !== undefined && exit.code !== null) {
      state.finish(exitcode, true, exit.error, true);
      // As SystemExit in Python: it wanted to end.
    } else if (exitcode === 0) state.finish(0, false, undefined, false);
    else {
      const error = processError(`process ${state.name}`, exit);
      state.finish(exitcode, true, error, exit.error !== undefined);
    }
  }
}

/** A wait for the end of a process. @internal */
export abstract class ProcessWait<T> extends TimedWait<T> {
  protected readonly child: ProcessState;
  private readonly watches: boolean;

  constructor(state: ProcessState, limit: number, watches: boolean) {
    super(limit);
    this.child = state;
    this.watches = watches;
  }

  abstract notify(): void;

  protected enqueue(): typeof PENDING {
    this.child.enqueue(this as ProcessWait<unknown>, this.watches);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.child.dequeue(this as ProcessWait<unknown>, this.watches);
  }
}

/** Waits until it has ended. @internal */
export class Join extends ProcessWait<boolean> {
  constructor(state: ProcessState, limit: number) {
    super(state, limit, false);
  }

  override notify(): void {
    this.resume(VALUE, true);
  }

  override expire(): void {
    this.detach();
    this.resume(VALUE, false);
  }

  override describe(): string {
    return `process ${this.child.name} to end`;
  }

  protected override begin(): boolean | typeof PENDING {
    if (this.child.phase === ENDED) return true;
    return this.limit === 0 ? false : this.enqueue();
  }
}

/** Waits for what its task returns. @internal */
export class Outcome<T> extends ProcessWait<T> {
  constructor(state: ProcessState) {
    super(state, -1, true);
  }

  override notify(): void {
    this.child.answer(this as ProcessWait<unknown>);
  }

  override expire(): void {}

  override describe(): string {
    return `process ${this.child.name}`;
  }

  protected override begin(): T | typeof PENDING {
    return this.child.phase === ENDED ? (this.child.result() as T) : this.enqueue();
  }
}

/** @throws RuntimeError when the state is that of a process that cannot be waited for here @internal */
export function checkWait(state: ProcessState, verb: string): void {
  if (state.phase === INITIAL) throw new RuntimeError(`cannot ${verb} a process before it is started`);
  if (state.foreign) throw new RuntimeError(`can only ${verb} a child of this process, not ${state.name}`);
}
