import { GreenletExit } from '@switchyard/greenlet';
import { follow, hub, interrupt, Strand } from '@switchyard/hub/core';
import { setThreadTask } from './current-task.ts';
import { atFirstGlance, hydrate } from './dehydrate.ts';
import { decodeError, encodeError } from './error-wire.ts';
import { loaded, loadForTask, resolve } from './load.ts';
import {
  BEGUN,
  CANCEL,
  CHUNK,
  DEFINE,
  DONE,
  EVENT,
  FAILED,
  FATAL,
  type FromWorker,
  GIVEN,
  HYDRATE,
  mark,
  ROLE,
  RUN,
  slotOf,
  STARTED,
  STOP,
  STOPPED,
  TELL,
  type ToWorker,
  WORDS,
} from './protocol.ts';
import { setRole } from './roles.ts';
import { RunningTask, type TaskHost } from './running-task.ts';
import { COPIED, isCloneProblem, sendDehydrated } from './sendable.ts';
import { flushed } from './stdio.ts';
import type { Transferable } from './transfer.ts';

/** The way back to the one that gives the tasks. */
export interface Link {
  post(message: FromWorker, transfers: readonly Transferable[]): void;
}

type Run = Extract<ToWorker, readonly [typeof RUN, ...unknown[]]>;
type Target = (...args: unknown[]) => unknown;

interface Known {
  readonly url: string;
  readonly name: string;
  /** Null until its module has been loaded. */
  target: Target | null;
}

/** Runs the tasks that come in, one after the other. @internal */
export class TaskRunner implements TaskHost {
  private readonly link: Link;
  private readonly shared: boolean;
  /** Shared with the one that gives the tasks: which runs, which is to stop. */
  private readonly words: Int32Array;
  private readonly known: Known[];
  private readonly waiting: Run[];
  private running: RunningTask | null;
  /** The greenlet of the task that runs, if it has one. */
  private strand: Strand<unknown> | null;

  /** @param words shared memory, for a thread */
  constructor(link: Link, words: Int32Array | null) {
    this.link = link;
    this.shared = words !== null;
    this.words = words ?? new Int32Array(WORDS).fill(-1);
    this.known = [];
    this.waiting = [];
    this.running = null;
    this.strand = null;
    process.on('uncaughtException', (error) => {
      link.post([FATAL, encodeError(error)], COPIED);
      process.exit(1);
    });
  }

  receive(message: ToWorker): void {
    switch (message[0]) {
      case RUN:
        this.waiting.push(message);
        if (this.running === null) this.next();
        return;
      case DEFINE:
        this.known[message[1]] = { url: message[2], name: message[3], target: null };
        return;
      case CANCEL:
        this.cancel(message[1], decodeError(message[2]));
        return;
      case ROLE:
        setRole(message[1]);
        return;
      case STOP:
        if (flushed(() => process.exit(0))) process.exit(0);
    }
  }

  emit(id: number, event: unknown): void {
    sendDehydrated(
      event,
      (value, _flags, _modules, transfers) => this.link.post([EVENT, id, value], transfers),
      'ERR_EVENT_CLONE',
      'event',
    );
  }

  flagged(id: number): boolean {
    return Atomics.load(this.words, STOPPED) === id;
  }

  /** Goes on with what waits, as long as it needs not wait itself. */
  private next(): void {
    for (;;) {
      const run = this.waiting.shift();
      if (run === undefined) return;
      const known = this.known[run[2]] as Known;
      this.running = new RunningTask(run[1], run[6] ?? known.name, this);
      const missing = this.missing(run, known);
      if (missing.length > 0) {
        void this.loadAndRun(run, known, missing);
        return;
      }
      if (!this.start(run, known)) return;
    }
  }

  private missing(run: Run, known: Known): string[] {
    if (known.target !== null && run[5] == null) return [];
    return [known.url, ...(run[5] ?? [])].filter((url) => !loaded(url));
  }

  private async loadAndRun(run: Run, known: Known, missing: readonly string[]): Promise<void> {
    try {
      for (const url of missing) await loadForTask(url);
    } catch (error) {
      if (this.finish(run[1], true, error)) this.next();
      return;
    }
    if (this.start(run, known)) this.next();
  }

  /** Begins a task, unless it has been taken back. */
  private begin(id: number): boolean {
    const given = mark(id, GIVEN);
    if (Atomics.compareExchange(this.words, slotOf(id), given, mark(id, BEGUN)) === given) return true;
    this.running = null;
    return false;
  }

  /** Runs a task; returns whether it has ended. */
  private start(run: Run, known: Known): boolean {
    const task = this.running as RunningTask;
    const flags = run[4] ?? 0;
    if (this.shared && !this.begin(task.id)) return true;
    if ((flags & TELL) !== 0) this.link.post([STARTED, task.id], COPIED);
    setThreadTask(task);
    let result: unknown;
    try {
      task.throwIfCancelled();
      known.target ??= resolve(known.url, known.name) as Target;
      const args = ((flags & HYDRATE) === 0 ? run[3] : hydrate(run[3])) as unknown[];
      result = (flags & CHUNK) === 0 ? known.target(...args) : chunk(known.target, args);
    } catch (error) {
      return this.finish(task.id, true, error);
    }
    if (result === null || typeof result !== 'object') return this.finish(task.id, false, result);
    if (result instanceof Promise) {
      result.then(
        (value) => this.settled(task, false, value),
        (error: unknown) => this.settled(task, true, error),
      );
      return false;
    }
    if (!waits(result)) return this.finish(task.id, false, result);
    this.strand = new Strand(
      task.name,
      () => result as never,
      (failed, outcome) => this.settled(task, failed || outcome instanceof GreenletExit, outcome),
    );
    return false;
  }

  private settled(task: RunningTask, failed: boolean, outcome: unknown): void {
    this.strand = null;
    if (this.finish(task.id, failed, outcome)) this.next();
  }

  /** Tells how a task ended; returns whether that has been done, and the next may run. */
  private finish(id: number, failed: boolean, outcome: unknown): boolean {
    if (!flushed(() => this.finishLater(id, failed, outcome))) return false;
    this.tell(id, failed, outcome);
    return true;
  }

  private finishLater(id: number, failed: boolean, outcome: unknown): void {
    this.tell(id, failed, outcome);
    this.next();
  }

  private tell(id: number, failed: boolean, outcome: unknown): void {
    try {
      if (failed) this.link.post([FAILED, id, encodeError(outcome)], COPIED);
      else this.tellValue(id, outcome);
    } catch (error) {
      this.link.post([FAILED, id, encodeError(error)], COPIED);
    }
    this.running = null;
    setThreadTask(null);
  }

  private tellValue(id: number, value: unknown): void {
    if (value === null || typeof value !== 'object' || !atFirstGlance([value])) {
      try {
        this.link.post([DONE, id, value], COPIED);
        return;
      } catch (error) {
        if (!isCloneProblem(error)) throw error;
      }
    }
    sendDehydrated(
      value,
      (ready, flags, modules, transfers) => this.link.post([DONE, id, ready, flags, modules], transfers),
      'ERR_RESULT_CLONE',
      'result',
    );
  }

  private cancel(id: number, reason: unknown): void {
    const task = this.running;
    if (task !== null && task.id === id) {
      task.stop(reason);
      const { strand } = this;
      if (strand !== null) {
        const exit = reason instanceof GreenletExit ? reason : new GreenletExit(String(reason));
        hub.schedule({ turn: () => interrupt(strand as never, exit) });
      }
      return;
    }
    const at = this.waiting.findIndex((run) => run[1] === id);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    this.link.post([FAILED, id, encodeError(reason)], COPIED);
  }
}

function waits(result: object): boolean {
  if (typeof (result as { then?: unknown }).then === 'function') return true;
  return Symbol.iterator in result && typeof (result as { throw?: unknown }).throw === 'function';
}

/** The values of a task for each of the items, up to the first that fails, and its error. @internal */
export type ChunkResult = readonly [values: unknown[], error?: unknown];

function chunk(target: Target, items: readonly unknown[]): unknown {
  const values: unknown[] = [];
  for (let at = 0; at < items.length; at++) {
    try {
      const value = target(items[at]);
      if (value !== null && typeof value === 'object' && waits(value)) return slowChunk(target, items, values, value);
      values.push(value);
    } catch (error) {
      return [values, encodeError(error)];
    }
  }
  return [values];
}

function* slowChunk(target: Target, items: readonly unknown[], values: unknown[], first: object): Generator {
  let value: unknown = first;
  try {
    for (;;) {
      values.push(yield* follow<unknown>(() => value));
      if (values.length === items.length) return [values];
      value = target(items[values.length]);
    }
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    return [values, encodeError(error)];
  }
}
