/** How long tasks take: those that are short are sent to a worker before it has ended the ones that it has. */

/** A task that runs longer than this, in ms, does not have another waiting behind it in its worker. */
const SHORT = 1;
/** How fast a mean follows. */
const WEIGHT = 1 / 8;

/** Learns which tasks are short. @internal */
export interface Pace {
  /** How many tasks a worker has at most while they are short, the one that runs included. */
  readonly depth: number;
  /** A run of this target took so many ms. */
  took(target: object, ms: number): void;
  /** Whether others may wait behind it. */
  isShort(target: object): boolean;
  /** Whether it may wait behind others. */
  canWait(target: object): boolean;
}

/** All tasks are taken for alike, as a mistake can be made good: what waits is taken back. @internal */
export class OverallPace implements Pace {
  readonly depth: number;
  private mean: number;

  constructor() {
    this.depth = 8;
    this.mean = SHORT;
  }

  took(_target: object, ms: number): void {
    this.mean += (ms - this.mean) * WEIGHT;
  }

  isShort(): boolean {
    return this.mean < SHORT;
  }

  canWait(): boolean {
    return this.isShort();
  }
}

interface Manner {
  mean: number;
  /** Whether it is an async or a generator function. */
  readonly waits: boolean;
}

/**
 * Each task is taken for what it was before. One that may itself wait does not wait behind another: it could not be got
 * back without disturbing it if it began meanwhile. @internal
 */
export class PaceByTarget implements Pace {
  readonly depth: number;
  private readonly manners: WeakMap<object, Manner>;
  /** The one asked for last: most are the same as the one before. */
  private lastTarget: object | null;
  private lastManner: Manner | null;

  constructor() {
    // To wake up a process costs more than to wake up a thread.
    this.depth = 16;
    this.manners = new WeakMap();
    this.lastTarget = null;
    this.lastManner = null;
  }

  took(target: object, ms: number): void {
    const manner = this.of(target);
    manner.mean += (ms - manner.mean) * WEIGHT;
  }

  isShort(target: object): boolean {
    return this.of(target).mean < SHORT;
  }

  canWait(target: object): boolean {
    const { mean, waits } = this.of(target);
    return !waits && mean < SHORT;
  }

  private of(target: object): Manner {
    if (target === this.lastTarget) return this.lastManner as Manner;
    let manner = this.manners.get(target);
    if (manner === undefined) {
      const kind = Object.prototype.toString.call(target);
      manner = { mean: SHORT, waits: kind !== '[object Function]' };
      this.manners.set(target, manner);
    }
    this.lastTarget = target;
    this.lastManner = manner;
    return manner;
  }
}
