import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from '@switchyard/measure';
import { summaryOf, type RowResult } from './run-row.ts';

/** What was the same for all figures of a run of the bench. */
export interface Conditions {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Load averages at the start. */
  readonly load: readonly number[];
  readonly runs: number;
  /** 1 unless the bench was only being tried out. */
  readonly scale: number;
}

/** The figures as they go to disk: what the table shows, and every sample it was made of. */
export function resultsAsJson(conditions: Conditions, results: readonly RowResult[]): unknown {
  return {
    ...conditions,
    rows: results.map(({ row, cells, outcomes, note }) => ({
      row: row.id,
      title: row.title,
      per: row.per,
      note,
      units: Object.fromEntries(row.metrics.map(({ id, unit }) => [id, unit === 'time' ? 'ns' : 'bytes'])),
      marks: outcomes.map(({ mark, verdict, figure, close }) => ({ ...mark, verdict, figure, close })),
      cells: cells.map((cell) => ({
        ...cell,
        summary: Object.fromEntries(row.metrics.map(({ id }) => [id, summaryOf(cell, id)])),
      })),
    })),
  };
}

export function writeResults(file: string, conditions: Conditions, results: readonly RowResult[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(resultsAsJson(conditions, results), null, 2)}\n`);
}
