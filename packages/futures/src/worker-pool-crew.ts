import { hub } from '@switchyard/hub/core';
import type { Work } from './executor-work.ts';
import { Initialize } from './worker-pool-calls.ts';
import type { WorkerPoolSettings } from './worker-pool-options.ts';
import { PoolWorker, type WorkerOwner } from './worker-pool-worker.ts';

/** What the crew has to know of the pool. */
interface Pool extends WorkerOwner {
  /** The first call of a worker has ended. */
  initialized(worker: PoolWorker, failure: { error: unknown } | null): void;
}

/** The workers of a pool: who is there, who has nothing to do, and who is leaving. @internal */
export class Crew {
  readonly workers: PoolWorker[];
  private readonly pool: Pool;
  private readonly settings: WorkerPoolSettings;
  /** Those that have nothing to do, the one used last at the end: its caches are warm. */
  private readonly idle: PoolWorker[];
  /** How many have been started. */
  private hired: number;
  /** How many may not be given tasks yet. */
  private coming: number;
  /** The ends of those that have been dismissed. */
  private readonly goodbyes: Set<Promise<void>>;

  constructor(pool: Pool, settings: WorkerPoolSettings) {
    this.pool = pool;
    this.settings = settings;
    this.workers = [];
    this.idle = [];
    this.hired = 0;
    this.coming = 0;
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
   * @param waiting how many tasks wait: where workers have a first call, as many are started
   * @returns it when it can be given a task now
   * @throws what starting one throws; CloneError when the arguments of the initializer cannot be sent
   */
  hire(waiting: number): PoolWorker | null {
    const { maxWorkers, prefix, first, kind } = this.settings;
    while (this.workers.length < maxWorkers && this.coming < waiting) {
      const worker = new PoolWorker(this.pool, `${prefix}_${this.hired++}`, kind);
      this.workers.push(worker);
      if (first === null) return worker;
      worker.ready = false;
      this.coming++;
      try {
        worker.run(new Initialize(this.pool, worker, first.target, first.args));
      } catch (error) {
        this.dismiss(worker);
        throw error;
      }
      // Tasks wait for it: virtual time must not overtake it.
      hub.outside++;
    }
    return null;
  }

  /** The one with the fewest tasks of those that may have another behind them. */
  quickest(mayHave: (worker: PoolWorker) => boolean): PoolWorker | null {
    let best: PoolWorker | null = null;
    for (const worker of this.workers) {
      if (!worker.ready || worker.retiring || (best !== null && worker.load >= best.load)) continue;
      if (mayHave(worker)) best = worker;
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

  /** It may be given tasks from now on. */
  arrive(worker: PoolWorker): void {
    worker.ready = true;
    this.coming--;
  }

  /** Whether anything waits for those that are coming: the program need not live for them otherwise. */
  await(wanted: boolean): void {
    if (this.coming === 0) return;
    for (const worker of this.workers) if (!worker.ready) worker.hold(wanted);
  }

  /** It has ended. */
  lose(worker: PoolWorker): void {
    if (!remove(this.workers, worker)) return;
    if (!worker.ready) this.coming--;
    if (worker.resting) remove(this.idle, worker);
  }

  /** Ends it, or gives it back to those whom anybody may use: it has nothing to do, or nobody wants that any more. */
  dismiss(worker: PoolWorker): void {
    this.lose(worker);
    const unused = this.settings.first === null && !worker.retiring && !worker.probing;
    const end = worker.host.release(unused);
    if (end === null) return;
    this.goodbyes.add(end);
    void end.then(() => this.goodbyes.delete(end));
  }

  /** Dismisses all, and waits until those are gone who are not kept for others. */
  close(): Promise<void> | void {
    while (this.workers.length > 0) this.dismiss(this.workers[0] as PoolWorker);
    if (this.goodbyes.size > 0) return Promise.all(this.goodbyes).then(() => undefined);
  }
}

/** @returns whether it was there */
function remove<T>(list: T[], item: T): boolean {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
