import { hub } from '@switchyard/hub/core';

/** A task that runs longer than this, in ms, is not waited for by those behind it. */
const LONG = 10;

/** A worker that may have tasks behind one that takes long. */
interface Busy {
  readonly load: number;
  readonly stuck: boolean;
  /** When the first of its tasks began, by the hub's clock; -1 when that is not known. */
  readonly since: number;
  recall(): void;
}

/**
 * Sees to it that no task waits behind one that takes long, where tasks cannot be taken back at once: it asks for those back,
 * and whoever has time runs them. @internal
 */
export class Lookout {
  private readonly workers: readonly Busy[];
  private armed: boolean;

  constructor(workers: readonly Busy[]) {
    this.workers = workers;
    this.armed = false;
  }

  /** A task waits behind another. */
  watch(): void {
    if (this.armed) return;
    this.armed = true;
    // Where the program ends meanwhile, nothing waits.
    setTimeout(() => this.look(), LONG).unref();
  }

  private look(): void {
    this.armed = false;
    const now = hub.now();
    for (const worker of this.workers) {
      if (hasWaiting(worker) && worker.since >= 0 && now - worker.since >= LONG) worker.recall();
    }
    if (this.workers.some(hasWaiting)) this.watch();
  }
}

function hasWaiting(worker: Busy): boolean {
  return worker.load > 1 && !worker.stuck;
}
