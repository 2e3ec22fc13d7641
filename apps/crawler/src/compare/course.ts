import type { Point, Setting } from './result.ts';
import type { Measured, StartOptions } from './start-cell.ts';

/** One engine in one setting at one point, as it is going to be run. */
export interface PlannedRun {
  readonly at: {
    readonly point: Point;
    /** Pages of a run. */
    readonly pages: number;
  };
  readonly setting: Setting;
  /** What can be left out when time is short: 0 cannot, and what has the highest number goes first. */
  readonly rank: number;
}

/** What cells of a kind are, to who runs them in their order: crawls, or tasks of somebody's own. */
export interface Course<P extends PlannedRun> {
  /** What a run had when it says that something went wrong: `met a page that failed`. */
  readonly trouble: string;
  /** How long a run may take before any was seen, its process included, in milliseconds. */
  guess(cell: P): number;
  /** When a run that should take so long is given up, in milliseconds. */
  deadline(took: number): number;
  /** Makes a run. @throws CellError when it cannot be made */
  once(cell: P, options: StartOptions): Promise<Measured>;
  /** The most requests a server had under way at once in that run; `null` where there is none, or nobody counts. */
  peak(): Promise<number | null>;
  /** Told of first runs, which do not count. */
  learn(cell: P, made: Measured): void;
}

/** How cells are run. Times are milliseconds. */
export interface HoldOptions<P extends PlannedRun> {
  readonly cells: readonly P[];
  /** Measured runs of a cell. */
  readonly runs: number;
  /** Runs of a cell that come first and do not count. */
  readonly warmUps: number;
  /** How often a run that other processes disturbed is made again; 2 when left out. */
  readonly repeats?: number | undefined;
  readonly seed: number;
  /** What it all may take; what can be left out is, when it would take longer. */
  readonly budget: number;
  readonly title: string;
  /** What was asked for, word for word. */
  readonly command: string;
  /** What makes one cell alone. */
  readonly commandOf: (cell: P) => string;
  /** Said beforehand by those who know. */
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CompareProgress) => void;
}

/** Where a comparison is. */
export interface CompareProgress {
  /** What runs now. */
  readonly cell: PlannedRun;
  readonly phase: 'warm-up' | 'run' | 'repeat';
  readonly done: number;
  readonly total: number;
  /** Milliseconds that are left, as far as can be told. */
  readonly left: number;
}
