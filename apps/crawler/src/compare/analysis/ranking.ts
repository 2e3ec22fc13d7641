import type { Cell } from '../result.ts';
import { measured, overlap } from './points.ts';

/** A cell with its place among those that it is compared with. */
export interface Standing {
  readonly cell: Cell;
  /** From 1; those that share one do not differ from the first of them. `null` for what is not ranked: it failed, or has other terms. */
  readonly place: number | null;
}

const rate = (cell: Cell): number => cell.summary.pagesPerSecond.median;

/**
 * The cells of a point, the fastest first. Only those at equal terms have a place. A cell shares the place of the fastest that it
 * cannot be told from, so that a chain of small differences does not make the first and the last of it equal.
 */
export function rank(cells: readonly Cell[]): Standing[] {
  const sorted = cells.filter(measured).sort((a, b) => rate(b) - rate(a));
  const standings: Standing[] = [];
  let leader: Cell | undefined;
  let place = 0;
  let ranked = 0;
  for (const cell of sorted) {
    if (cell.setting.terms !== 'equal') {
      standings.push({ cell, place: null });
      continue;
    }
    ranked++;
    if (leader === undefined || !overlap(leader.summary.pagesPerSecond, cell.summary.pagesPerSecond)) {
      leader = cell;
      place = ranked;
    }
    standings.push({ cell, place });
  }
  return [
    ...standings,
    ...cells.filter((cell) => !measured(cell)).map((cell) => ({ cell, place: null }) as const),
  ];
}

/** Those that nobody was faster than. */
export function winners(standings: readonly Standing[]): Cell[] {
  return standings.filter(({ place }) => place === 1).map(({ cell }) => cell);
}
