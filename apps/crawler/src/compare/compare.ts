import { describeMachine, load } from '@switchyard/measure';
import type { FetchSettings } from '../fetch/settings.ts';
import { VERSION } from '../version.ts';
import { doubts } from './analysis/doubts.ts';
import type { Arena } from './arena.ts';
import { Gate } from './gate.ts';
import type { PlannedCell, PlanOptions } from './plan.ts';
import { type Comparison, FORMAT } from './result.ts';
import { Runner } from './runner.ts';
import { middleRun, summarized } from './summarize.ts';

/** How a comparison is made. Times are milliseconds. */
export interface CompareOptions {
  readonly cells: readonly PlannedCell[];
  readonly plan: PlanOptions;
  /** Measured runs of a cell. */
  readonly runs: number;
  /** Runs of a cell that come first and do not count. */
  readonly warmUps: number;
  readonly seed: number;
  /** What it all may take; what can be left out is, when it would take longer. */
  readonly budget: number;
  readonly robots: 'obey' | 'ignore';
  readonly fetch: FetchSettings;
  readonly title: string;
  /** The command line. */
  readonly command: string;
  /** What makes one cell alone. */
  readonly commandOf: (cell: PlannedCell) => string;
  /** Said beforehand by those who know. */
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CompareProgress) => void;
}

/** Where a comparison is. */
export interface CompareProgress {
  /** What runs now. */
  readonly cell: PlannedCell;
  readonly phase: 'warm-up' | 'run' | 'repeat';
  readonly done: number;
  readonly total: number;
  /** Milliseconds that are left, as far as can be told. */
  readonly left: number;
}

/**
 * Runs the cells: warm-ups first, then the measured runs, in random order, each in a fresh process. A cell that fails says why, and
 * the others go on. When it is told to stop, what there is by then is what comes back.
 */
export async function compare(arena: Arena, options: CompareOptions): Promise<Comparison> {
  const started = new Date();
  const start = performance.now();
  const gate = await Gate.open();
  const loadAtStart = load();
  try {
    const runner = new Runner(arena, gate, options, start);
    await runner.all();
    const { cells, warnings } = runner;
    const comparison: Comparison = {
      format: FORMAT,
      title: options.title,
      started: started.toISOString(),
      took: Math.round(performance.now() - start),
      kind: arena.kind,
      seed: options.seed,
      subjects: arena.subjects,
      pages: runner.cells[0]?.planned.at.pages ?? 0,
      environment: {
        ...describeMachine(),
        node: process.versions.node,
        v8: process.versions.v8,
        switchyard: VERSION,
        load: loadAtStart,
      },
      command: options.command,
      capacity: arena.capacity,
      cells: summarized(
        cells.map(({ planned, made, failed }) => ({
          point: planned.at.point,
          setting: planned.setting,
          runs: failed === null ? made.map(({ run }) => run) : [],
          timeline: failed === null ? (middleRun(made)?.timeline ?? null) : null,
          command: options.commandOf(planned),
          failed: failed ?? (made.length === 0 ? 'stopped before it was measured' : null),
        })),
        options.seed,
      ),
      warnings: [...options.warnings, ...warnings],
    };
    return { ...comparison, warnings: doubts(comparison) };
  } finally {
    await gate.close();
  }
}
