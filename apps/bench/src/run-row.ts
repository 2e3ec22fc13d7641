import { judge, type Outcome } from './mark.ts';
import { listen, median, summarize, type Summary } from '@switchyard/measure';
import { planCell } from './plan.ts';
import type { Case, Contender, Row, Sample } from './row.ts';
import { CellCrash, startCell, type Programs } from './start-cell.ts';

/** One process. */
export interface Run {
  readonly samples: readonly Sample[];
  /** By metric, the median of the process's rounds. */
  readonly figures: Sample;
  /** Cores that other processes used meanwhile; absent where the system does not say. */
  readonly others?: number;
}

export interface Cell {
  readonly contender: string;
  readonly case: string;
  readonly n: number;
  readonly runs: Run[];
  /** Why there is nothing to compare: the contender is not on this machine. */
  readonly absent?: string;
  /** Why there is nothing to compare: the contender has no way to do this. */
  readonly cannot?: string;
  /** Why the cell was given up. */
  crash?: string;
}

export interface RowResult {
  readonly row: Row;
  readonly cells: readonly Cell[];
  readonly outcomes: readonly Outcome[];
  /** What it was measured with, where that is not the same on every machine. */
  readonly note?: string;
}

export interface RunOptions {
  readonly programs: Programs;
  readonly runs: number;
  readonly scale: number;
  /** Why a contender cannot take part; undefined when it can. */
  absence(contender: Contender): string | undefined;
  /** Told before each process. */
  progress(row: Row, each: Case, contender: Contender, run: number): void;
}

/** The medians of a process's rounds. */
export function figuresOf(samples: readonly Sample[]): Sample {
  const metrics = Object.keys(samples[0] ?? {});
  return Object.fromEntries(
    metrics.map((metric) => [metric, median(samples.map((sample) => sample[metric] as number))]),
  );
}

/** A metric of a cell, one value a run; undefined for what was not measured. */
export function valuesOf(cell: Cell | undefined, metric: string): number[] | undefined {
  if (cell === undefined || cell.crash !== undefined || cell.runs.length === 0) return undefined;
  const values = cell.runs.map((run) => run.figures[metric]);
  return values.every((value) => value !== undefined) ? values : undefined;
}

export function summaryOf(cell: Cell | undefined, metric: string): Summary | undefined {
  const values = valuesOf(cell, metric);
  return values && summarize(values);
}

/** Judges a row's marks by what its cells measured. */
export function judgeRow(row: Row, cells: readonly Cell[]): Outcome[] {
  return row.marks.map((mark) =>
    judge(mark, (figure) =>
      valuesOf(
        cells.find((cell) => cell.contender === figure.contender && cell.case === figure.case),
        figure.metric,
      ),
    ),
  );
}

/**
 * Measures a row. The contenders take turns (ABCABC, and not AABBCC), so that what the machine does meanwhile falls on all of them;
 * a contender that crashes is given up and the others go on.
 */
export async function runRow(row: Row, options: RunOptions): Promise<RowResult> {
  const cells: Cell[] = [];
  const { note, environment } = row.equip?.() ?? {};
  for (const each of row.cases) {
    const pairs = row.contenders.map((contender) => {
      const plan = planCell(row, each, contender, options.scale);
      const cannot = contender.cannot?.[each.id];
      const absent = cannot === undefined ? options.absence(contender) : undefined;
      const cell: Cell = {
        contender: contender.id,
        case: each.id,
        n: plan.n,
        runs: [],
        ...(absent !== undefined && { absent }),
        ...(cannot !== undefined && { cannot }),
      };
      return { contender, plan, cell };
    });
    for (let run = 1; run <= options.runs; run++) {
      for (const { contender, plan, cell } of pairs) {
        if ((cell.absent ?? cell.cannot ?? cell.crash) !== undefined) continue;
        options.progress(row, each, contender, run);
        const heard = listen();
        try {
          const samples = await startCell(options.programs, contender, plan, environment);
          const others = heard();
          cell.runs.push({ samples, figures: figuresOf(samples), ...(others !== undefined && { others }) });
        } catch (error) {
          if (!(error instanceof CellCrash)) throw error;
          cell.crash = error.message;
        }
      }
    }
    cells.push(...pairs.map(({ cell }) => cell));
  }
  return { row, cells, outcomes: judgeRow(row, cells), ...(note !== undefined && { note }) };
}
