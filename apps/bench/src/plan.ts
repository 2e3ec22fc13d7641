import { isPython, type Case, type Contender, type Row } from './row.ts';

/** What one process is told to do. Both kinds of contender read it as JSON from their command line. */
export interface Plan {
  readonly row: string;
  readonly contender: string;
  /** The case's value. */
  readonly value: number;
  /** Operations in a measured round. */
  readonly n: number;
  readonly rounds: number;
  readonly warmups: number;
  /** Operations in a round of the warm-up. */
  readonly warmN: number;
}

// Tasks share the operations of a round: 2, 10, 64 or 100 of them, and each must get a whole number.
const STEP = 1_600;

const ROUNDS = 3;

/** A part of so many operations, still divisible among the tasks of any row. */
export function portion(n: number, part: number): number {
  if (part === 1) return n;
  // Where a whole round is less than a step, it cannot be made smaller.
  return Math.min(n, Math.max(STEP, Math.round((n * part) / STEP) * STEP));
}

/**
 * How often a cell's process measures. Compiled code needs its warm-up at full size (optimized code, grown rings and maps);
 * Python's needs little. A contender whose round takes seconds has one round a process; the runs repeat it anyway.
 */
export function planCell(row: Row, each: Case, contender: Contender, scale: number): Plan {
  const n = portion(contender.n ?? each.n ?? row.n, scale);
  const cell = { row: row.id, contender: contender.id, value: each.value, n };
  if (contender.slow === true) return { ...cell, rounds: 1, warmups: 2, warmN: portion(n, 1 / 20) };
  if (row.method === 'parked') return { ...cell, rounds: 1, warmups: 2, warmN: portion(n, 1 / 20) };
  const rounds = row.rounds ?? ROUNDS;
  if (isPython(contender)) return { ...cell, rounds, warmups: 1, warmN: portion(n, 1 / 10) };
  return { ...cell, rounds, warmups: 2, warmN: n };
}
