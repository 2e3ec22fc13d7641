import { show } from '@switchyard/greenlet/scheduler';
import { hub } from '@switchyard/hub/core';
import { type Exit, guard, holdsMoves, requireReference } from '@switchyard/remote/core';
import { BrokenExecutor } from './errors.ts';
import { Executor } from './executor.ts';
import type { ExecutorOptions, SubmitOptions } from './executor-options.ts';
import type { Work } from './executor-work.ts';
import type { Future } from './future.ts';
import type { Chunk } from './map-results-chunk.ts';
import { brokenBy, howItEnded, Probe } from './worker-pool-calls.ts';
import { Crew } from './worker-pool-crew.ts';
import type { WorkerPoolSettings } from './worker-pool-options.ts';
import { Lookout } from './worker-pool-recall.ts';
import { PoolCall, type PoolWorker } from './worker-pool-worker.ts';

/** So often in a row workers may end before they could run a task: each that did so by itself counts for four that were killed. */
const STILLBORN = 12;
const BY_ITSELF = 4;
/** The memory of a worker is looked at once in so many ms at the most. */
const PROBE = 50;

/** Marks the tasks whose arguments are the items of a chunk. */
const CHUNKED: SubmitOptions = {};

/**
 * An executor whose workers are threads or processes: it gives each of them tasks, several at hand while tasks are short, and
 * replaces those that end. @internal
 */
export abstract class WorkerPool extends Executor {
  private readonly settings: WorkerPoolSettings;
  private readonly crew: Crew;
  private readonly lookout: Lookout;
  /** How often in a row workers have ended before they could run a task. */
  private stillborn: number;

  /** @param settingsFor checks the options, and knows what kind of workers there are */
  constructor(options: ExecutorOptions, settingsFor: (who: string, name: string) => WorkerPoolSettings) {
    super(options);
    guard(`A ${new.target.name} was made`);
    this.settings = settingsFor(new.target.name, this.name);
    this.crew = new Crew(this, this.settings);
    this.lookout = new Lookout(this.crew.workers);
    this.stillborn = 0;
  }

  /** @internal */
  override chunksizeFor(_count: number | null, asked: number | undefined): number {
    return asked ?? 1;
  }

  /** @internal */
  override submitChunk(target: (item: never) => unknown, items: unknown[]): Future<Chunk> {
    return this.submitWith(CHUNKED, target as (items: unknown[]) => unknown, items) as Future<Chunk>;
  }

  protected override checkTarget(target: unknown, verb: string): void {
    requireReference(verb, target);
  }

  protected override dispatch(_work: Work | null): void {
    for (let work = this.queue.first; work !== null; work = this.queue.first) {
      const worker =
        this.crew.wake() ?? this.hire() ?? this.crew.quickest((one) => this.mayFollow(work as Work, one));
      if (worker === null) {
        this.crew.await(true);
        return;
      }
      this.feed(worker);
      if (worker.load === 0) this.crew.rest(worker);
    }
    this.crew.await(false);
  }

  protected override takeBack(work: Work): boolean {
    const call = work.runner as PoolCall | null;
    return call === null || call.worker.takeBack(call);
  }

  protected override withdraw(work: Work): void {
    const call = work.runner as PoolCall | null;
    if (call !== null) this.lightened(call.worker);
  }

  protected override ask(work: Work, reason: Error): void {
    const call = work.runner as PoolCall;
    const { worker } = call;
    if (!worker.takeBack(call)) {
      worker.host.peer.cancel(call, reason);
      return;
    }
    this.killed(work, reason);
    this.lightened(worker);
  }

  protected override destroy(work: Work): void {
    const call = work.runner as PoolCall;
    const { worker } = call;
    if (!this.settings.kind.sharesMemory) {
      if (worker.first === call) this.killFor(call);
      // It waits, and has been told that it must not begin.
      else this.killed(work, undefined);
      return;
    }
    for (const other of worker.takeBackBehind(call).reverse()) this.giveBack(other);
    // Where another has begun, this one has ended, and word of that is on its way.
    if (worker.behind(call).length === 0) worker.kill();
    this.dispatch(null);
  }

  protected override cancelPending(): void {
    super.cancelPending();
    for (const call of this.crew.workers.flatMap((worker) => worker.behind(null))) call.work.future.cancel();
  }

  protected override tasksEnded(): void {
    if (this.queue.first === null) this.crew.await(false);
    super.tasksEnded();
  }

  protected override close(): Promise<void> | void {
    const end = this.crew.close();
    this.account.staff(0);
    return end;
  }

  // What a worker tells.

  /** @internal */
  reached(work: Work): void {
    this.claim(work);
  }

  /** @internal */
  begins(work: Work, now: number): void {
    this.started(work, now);
  }

  /** @internal */
  ends(work: Work, failed: boolean, outcome: unknown): void {
    const now = hub.now();
    if (work.startedAt >= 0 && !work.over) {
      this.settings.pace.took(work.target as object, now - work.startedAt);
    }
    this.stillborn = 0;
    if (failed) this.failed(work, outcome, now);
    else this.succeeded(work, outcome, now);
  }

  /** @internal */
  returned(work: Work): void {
    this.comesBack(work);
    this.dispatch(null);
  }

  /** @internal */
  freed(worker: PoolWorker): void {
    if (worker.retiring) {
      if (worker.load > 0) return;
      this.crew.dismiss(worker);
      this.left();
      return;
    }
    if (!worker.ready || worker.resting) return;
    if (this.isToProbe(worker)) worker.run(new Probe(this, worker, this.settings.maxRss !== Infinity));
    do this.fill(worker);
    while (worker.load === 0 && this.reclaim());
    if (worker.load === 0) this.crew.rest(worker);
  }

  /** @internal */
  died(work: Work, worker: PoolWorker, exit: Exit, begun: boolean): void {
    const when = begun ? 'while it ran' : 'after the buffers had moved there, but before it ran';
    const pid = worker.kind.hasPid ? worker.host.peer.runtime.id : null;
    const message = `worker ${worker.title} ${howItEnded(exit)} ${when} the task ${work.future.name}`;
    const error = brokenBy(message, exit, pid);
    if (work.stopping !== null) this.killed(work, error);
    else this.failed(work, error);
  }

  /** @internal */
  gone(worker: PoolWorker, exit: Exit, returned: Work[]): void {
    this.crew.lose(worker);
    for (const work of returned.reverse()) this.comesBack(work);
    const { up } = worker.host.peer;
    if (!up || !worker.ready) this.stillborn += exit.signal === null ? BY_ITSELF : 1;
    if (this.stillborn >= STILLBORN) {
      const message = `no worker of ${this.name} comes up: the last one ${howItEnded(exit)}`;
      this.breakDown(brokenBy(message, exit, null));
    } else if (up && exit.error !== undefined && !worker.struck) {
      // No future tells.
      hub.reports.report(exit.error, null, `Worker ${worker.title} failed between two tasks`);
    }
    this.left();
  }

  /** @internal */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void {
    // It may have been dismissed meanwhile, as nobody wants it any more.
    if (!this.crew.has(worker)) return;
    if (failure === null) {
      this.crew.arrive(worker);
      return;
    }
    this.crew.dismiss(worker);
    this.account.staff(this.crew.size);
    if (this.settings.initializes) {
      this.giveUp(`the initializer of ${this.name} failed, so no task can run`, failure.error);
    } else this.cannotStart(failure.error);
  }

  /** @internal */
  probed(worker: PoolWorker, heap: number, rss: number): void {
    if (heap > this.settings.maxHeap || rss > this.settings.maxRss) worker.retiring = true;
  }

  /** Gives a worker as much of the queue as it is to have. */
  private fill(worker: PoolWorker): void {
    for (let work = this.queue.first; work !== null; work = this.queue.first) {
      if (worker.retiring || (worker.load > 0 && !this.mayFollow(work, worker))) return;
      this.feed(worker);
    }
  }

  /** Whether a worker that has a task may have this one behind it. */
  private mayFollow(work: Work, worker: PoolWorker): boolean {
    const { first } = worker;
    const { pace, kind } = this.settings;
    if (first === null || worker.load >= pace.depth || worker.stuck) return false;
    if (first instanceof PoolCall && !pace.isShort(first.target)) return false;
    if (!pace.canWait(work.target as object)) return false;
    // What moves can be sent once only: it could not be taken over by another.
    return !kind.sharesMemory || !holdsMoves(work.args);
  }

  /** Gives a worker the first of the queue. */
  private feed(worker: PoolWorker): void {
    const work = this.next();
    if (work === null) return;
    try {
      worker.give(work, work.options === CHUNKED, this.isLimited(work));
    } catch (error) {
      this.failed(work, error);
      return;
    }
    const { maxTasks, maxWorkers, kind } = this.settings;
    if (worker.given >= maxTasks) worker.retiring = true;
    if (worker.load > 1 && maxWorkers > 1 && !kind.sharesMemory) this.lookout.watch();
  }

  /** Something that it had not begun has been taken back. */
  private lightened(worker: PoolWorker): void {
    // It may have been all that the pool was there for.
    if (!this.crew.has(worker)) return;
    worker.advances();
    this.freed(worker);
  }

  /** A worker has it no more, and had not begun it. */
  private comesBack(work: Work): void {
    if (work.over) return;
    if (work.stopping !== null) this.killed(work, undefined);
    else this.giveBack(work);
  }

  /** Kills a worker for what it runs, unless that has ended: word of it may be on its way. */
  private killFor(call: PoolCall): void {
    setImmediate(() => {
      if (!call.work.over) call.worker.kill();
    });
  }

  /** Takes back for the queue a task that waits behind another; returns whether there is one now. */
  private reclaim(): boolean {
    const work = this.settings.kind.sharesMemory ? this.crew.reclaim() : null;
    if (work === null) return false;
    this.giveBack(work);
    return true;
  }

  /** A worker is gone. */
  private left(): void {
    this.account.staff(this.crew.size);
    // There is room for one more, so nothing need wait behind a task that may take long.
    if (this.queue.first === null) this.reclaim();
    this.dispatch(null);
  }

  private hire(): PoolWorker | null {
    const before = this.crew.size;
    try {
      return this.crew.hire(this.queue.length);
    } catch (error) {
      this.cannotStart(error);
      return null;
    } finally {
      if (this.crew.size !== before) this.account.staff(this.crew.size);
    }
  }

  private cannotStart(error: unknown): void {
    this.giveUp(`${this.name} cannot start a worker`, error);
  }

  private giveUp(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : show(error);
    this.breakDown(new BrokenExecutor(`${what}: ${why}`, { cause: error }));
  }

  private isToProbe(worker: PoolWorker): boolean {
    const { maxHeap, maxRss } = this.settings;
    if ((maxHeap === Infinity && maxRss === Infinity) || worker.probing) return false;
    const now = performance.now();
    if (now - worker.probedAt < PROBE) return false;
    worker.probedAt = now;
    return true;
  }
}
