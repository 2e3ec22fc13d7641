import { hub } from '@switchyard/hub/core';
import type { Work } from './executor-work.ts';
import { Initialize } from './thread-pool-calls.ts';
import type { ThreadPoolSettings } from './thread-pool-options.ts';
import { PoolWorker, type WorkerOwner } from './thread-pool-worker.ts';

/** What the crew has to know of the pool. */
interface Pool extends WorkerOwner {
  /** The initializer of a worker has ended. */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void;
}

/** The workers of a thread pool: who is there, who has nothing to do, and who is leaving. @internal */
export class Crew<A extends unknown[]> {
  readonly workers: PoolWorker[];
  private readonly pool: Pool;
  private readonly settings: ThreadPoolSettings<A>;
  /** Those that have nothing to do, the one used last at the end: its caches are warm. */
  private readonly idle: PoolWorker[];
  /** How many have been started. */
  private hired: number;
  /** The ends of those that have been dismissed. */
  private readonly goodbyes: Set<Promise<void>>;

  constructor(pool: Pool, settings: ThreadPoolSettings<A>) {
    this.pool = pool;
    this.settings = settings;
    this.workers = [];
    this.idle = [];
    this.hired = 0;
    this.goodbyes = new Set();
  }

  get size(): number {
    return this.workers.length;
  }

  has(worker: PoolWorker): boolean {
    return this.workers.includes(worker);
  }

  /** One that has nothing to do, who is to be given something, or else to `rest` again. */
  wake(): PoolWorker | null {
    const worker = this.idle.pop();
    if (worker === undefined) return null;
    worker.resting = false;
    return worker;
  }

  /** It has nothing to do. */
  rest(worker: PoolWorker): void {
    if (worker.resting || !this.has(worker)) return;
    worker.rests();
    this.idle.push(worker);
  }

  /**
   * Starts one more, if there is room for it.
   *
   * @param waiting how many tasks wait: where workers come by an initializer, as many are started
   * @returns it when it can be given a task now
   * @throws what starting a thread throws; CloneError when the arguments of the initializer cannot be sent
   */
  hire(waiting: number): PoolWorker | null {
    const { maxWorkers, prefix, initializer, initargs, runtime } = this.settings;
    let coming = initializer === null ? 0 : this.coming();
    while (this.workers.length < maxWorkers && coming < waiting) {
      const worker = new PoolWorker(this.pool, `${prefix}_${this.hired++}`, runtime);
      this.workers.push(worker);
      if (initializer === null) return worker;
      worker.ready = false;
      coming++;
      try {
        worker.run(new Initialize(this.pool, worker, initializer, initargs));
      } catch (error) {
        this.dismiss(worker);
        throw error;
      }
      // Tasks wait for it: virtual time must not overtake it.
      hub.outside++;
    }
    return null;
  }

  /** The one with the fewest tasks that may have another behind them. */
  quickest(depth: number): PoolWorker | null {
    let best: PoolWorker | null = null;
    for (const worker of this.workers) {
      if (!worker.ready || worker.retiring || worker.load >= depth) continue;
      if (best === null || worker.load < best.load) best = worker;
    }
    return best;
  }

  /** Takes back a task that waits behind another. */
  reclaim(): Work | null {
    for (const worker of this.workers) {
      const work = worker.load < 2 ? null : worker.takeBackWaiting();
      if (work !== null) return work;
    }
    return null;
  }

  /** It has ended. */
  lose(worker: PoolWorker): void {
    remove(this.workers, worker);
    if (worker.resting) remove(this.idle, worker);
  }

  /** Ends it, or gives it back to those whom anybody may use: it has nothing to do, or nobody wants that any more. */
  dismiss(worker: PoolWorker): void {
    this.lose(worker);
    const unused = this.settings.initializer === null && !worker.retiring && !worker.probing;
    const end = worker.thread.release(unused);
    if (end === null) return;
    this.goodbyes.add(end);
    void end.then(() => this.goodbyes.delete(end));
  }

  /** Dismisses all, and waits until those are gone who are not kept for others. */
  close(): Promise<void> | void {
    while (this.workers.length > 0) this.dismiss(this.workers[0] as PoolWorker);
    if (this.goodbyes.size > 0) return Promise.all(this.goodbyes).then(() => undefined);
  }

  /** How many are on their way that have yet to be given something. */
  private coming(): number {
    let coming = 0;
    for (const worker of this.workers) if (!worker.ready) coming++;
    return coming;
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
