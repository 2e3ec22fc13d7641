import { GreenletExit } from '@switchyard/greenlet';
import { hub, interrupt, Strand } from '@switchyard/hub/core';
import { runChunk, type Target, waits } from './chunk.ts';
import { setThreadTask } from './current-task.ts';
import { atFirstGlance, hydrate } from './dehydrate.ts';
import { readyToEnd } from './endings.ts';
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
  RUN,
  SKIPPED,
  slotOf,
  STARTED,
  STOP,
  STOPS,
  TAKEN_BACK,
  TELL,
  type ToWorker,
} from './protocol.ts';
import { setRole } from './roles.ts';
import { RunningTask, type TaskHost } from './running-task.ts';
import { COPIED, isCloneProblem, sendDehydrated } from './sendable.ts';
import { anyMarked, type Transferable } from './transfer.ts';

/** So long a worker that ends by an error waits for what it printed to arrive, in milliseconds. */
const LAST_WORDS = 1000;

/** The way back to the one that gives the tasks. */
export interface Link {
  post(message: FromWorker, transfers: readonly Transferable[]): void;
  /** Calls back when all that was printed has arrived; returns true, without calling back, when it has by now. */
  flushed(then: () => void): boolean;
}

type Run = Extract<ToWorker, readonly [typeof RUN, ...unknown[]]>;

interface Known {
  readonly url: string;
  readonly name: string;
  /** Null until its module has been loaded. */
  target: Target | null;
}

/** Runs the tasks that come in, one after the other. @internal */
export class TaskRunner implements TaskHost {
  private readonly link: Link;
  /** Whether the one that gives the tasks sees in `words` which have begun, and takes others back. */
  private readonly shared: boolean;
  /** Which runs, which is to stop. */
  private readonly words: Int32Array;
  private readonly known: Known[];
  private readonly waiting: Run[];
  private running: RunningTask | null;
  /** The greenlet of the task that runs, if it has one. */
  private strand: Strand<unknown> | null;
  /** Whether what runs is run for each of several items. */
  private inChunks: boolean;
  /** Whether an error that nobody caught ends it. */
  private dying: boolean;

  /** @param shared whether `words` is shared with the one that gives the tasks */
  constructor(link: Link, words: Int32Array, shared: boolean) {
    this.link = link;
    this.shared = shared;
    this.words = words;
    this.known = [];
    this.waiting = [];
    this.running = null;
    this.strand = null;
    this.inChunks = false;
    this.dying = false;
    process.on('uncaughtException', (error) => this.die(error));
  }

  receive(message: ToWorker): void {
    if (this.dying) return;
    switch (message[0]) {
      case RUN:
        if (message[7] !== undefined) setRole(message[7]);
        this.waiting.push(message);
        if (this.running === null) this.next();
        return;
      case DEFINE:
        this.known[message[1]] = { url: message[2], name: message[3], target: null };
        return;
      case CANCEL:
        this.cancel(message[1], decodeError(message[2]));
        return;
      case STOP:
        void readyToEnd().then(() => this.exit(0));
    }
  }

  emit(id: number, event: unknown): void {
    sendDehydrated(
      event,
      (value, flags, modules, transfers) => this.link.post([EVENT, id, value, flags, modules], transfers),
      'ERR_EVENT_CLONE',
      'event',
    );
  }

  flagged(id: number): boolean {
    return Atomics.load(this.words, STOPS + slotOf(id)) === id;
  }

  private die(error: unknown): void {
    if (this.dying) return;
    this.dying = true;
    this.link.post([FATAL, encodeError(error)], COPIED);
    setTimeout(() => process.exit(1), LAST_WORDS);
    this.exit(1);
  }

  private exit(code: number): void {
    if (this.link.flushed(() => process.exit(code))) process.exit(code);
  }

  /** Goes on with what waits, as long as it needs not wait itself. */
  private next(): void {
    for (;;) {
      if (this.dying) return;
      const run = this.waiting.shift();
      if (run === undefined) return;
      if (!this.begin(run[1])) continue;
      const known = this.known[run[2]] as Known;
      const task = new RunningTask(run[1], run[6] ?? known.name, this);
      this.running = task;
      if (known.target === null || run[5] != null) {
        const missing = [known.url, ...(run[5] ?? [])].filter((url) => !loaded(url));
        if (missing.length > 0) {
          void this.loadAndRun(task, run, known, missing);
          return;
        }
      }
      if (!this.start(task, run, known)) return;
    }
  }

  /** Begins a task, unless it has been taken back. */
  private begin(id: number): boolean {
    if (!this.shared) return this.beginUnseen(id);
    const given = mark(id, GIVEN);
    return Atomics.compareExchange(this.words, slotOf(id), given, mark(id, BEGUN)) === given;
  }

  /** The same where the one that gives the tasks has its own thread here to take them back. */
  private beginUnseen(id: number): boolean {
    const place = slotOf(id);
    for (;;) {
      const state = Atomics.load(this.words, place);
      if (state === mark(id, TAKEN_BACK)) break;
      if (Atomics.compareExchange(this.words, place, state, mark(id, BEGUN)) === state) return true;
    }
    this.link.post([SKIPPED, id], COPIED);
    return false;
  }

  // It has begun before its module is loaded: a module that ends its worker is to strike only once.
  private async loadAndRun(
    task: RunningTask,
    run: Run,
    known: Known,
    missing: readonly string[],
  ): Promise<void> {
    task.loading = true;
    try {
      for (const url of missing) await loadForTask(url);
    } catch (error) {
      if (task.loading && !this.finish(task.id, true, error)) return;
      this.running = null;
      this.next();
      return;
    }
    if (task.loading) {
      task.loading = false;
      if (!this.start(task, run, known)) return;
    }
    // Also when it was cancelled meanwhile, which has been told then.
    this.running = null;
    this.next();
  }

  /** Runs a task; returns whether it has ended. */
  private start(task: RunningTask, run: Run, known: Known): boolean {
    const flags = run[4] ?? 0;
    setThreadTask(task);
    let result: unknown;
    try {
      task.throwIfCancelled();
      if ((flags & TELL) !== 0) this.link.post([STARTED, task.id], COPIED);
      known.target ??= resolve(known.url, known.name) as Target;
      const args = ((flags & HYDRATE) === 0 ? run[3] : hydrate(run[3])) as unknown[];
      this.inChunks = (flags & CHUNK) !== 0;
      result = !this.inChunks ? known.target(...args) : runChunk(known.target, args, task);
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
    if (!this.link.flushed(() => this.finishLater(id, failed, outcome))) return false;
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
    if (value === null || typeof value !== 'object' || !(anyMarked() || atFirstGlance([value]))) {
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
      this.inChunks ? ['results'] : 'result',
    );
  }

  private cancel(id: number, reason: unknown): void {
    const task = this.running;
    if (task !== null && task.id === id) {
      task.stop(reason);
      if (task.loading) {
        // Its module may never have been loaded.
        task.loading = false;
        this.link.post([FAILED, id, encodeError(reason)], COPIED);
        return;
      }
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
