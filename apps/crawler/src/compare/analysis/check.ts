import type { Cell, Comparison } from '../result.ts';
import { cellsAt, compareEstimates, measured, pointsOf } from './points.ts';
import { rank, winners } from './ranking.ts';
import { describePoint, list, showNumber } from './words.ts';

/**
 * Whether a second comparison of the same says what the first said. The ranking holds when the same are in front everywhere (at
 * least one that nobody beat in both), and no engine that was clearly faster than another is clearly slower in the second.
 */
export function checkRanking(first: Comparison, second: Comparison): { holds: boolean; text: string } {
  const against: string[] = [];
  const notes: string[] = [];
  let pairs = 0;
  for (const point of pointsOf(first)) {
    const where = describePoint(point, first);
    const before = equals(cellsAt(first, point));
    const after = equals(cellsAt(second, point));
    const common = before.filter((cell) => find(after, cell) !== undefined);
    for (const cell of before)
      if (find(after, cell) === undefined)
        against.push(`${where}: ${cell.setting.id} was not measured the second time`);
    for (const [a, b] of pairsOf(common)) {
      pairs++;
      const then = compareEstimates(a.summary.pagesPerSecond, b.summary.pagesPerSecond);
      const [againA, againB] = [find(after, a) as Cell, find(after, b) as Cell];
      const now = compareEstimates(againA.summary.pagesPerSecond, againB.summary.pagesPerSecond);
      if (then === now) continue;
      const figures = `${rates(a, b)}, then ${rates(againA, againB)}`;
      const names = `${a.setting.id} and ${b.setting.id}`;
      if (then * now === -1) against.push(`${where}: ${names} changed places (${figures})`);
      else if (then === 0) notes.push(`${where}: ${names} had no difference, and have one now (${figures})`);
      else notes.push(`${where}: ${names} had a difference, and have none now (${figures})`);
    }
    const [front, again] = [inFront(before), inFront(after)];
    if (common.length > 0 && !front.some((id) => again.includes(id)))
      against.push(`${where}: ${list(front)} in front the first time, ${list(again)} the second`);
  }
  const counted = pairs === 1 ? '1 pair' : `${pairs} pairs`;
  const holds = against.length === 0 && pairs > 0;
  const head = holds
    ? `The ranking holds: none of ${counted} of engines changed places, and the same are in front.`
    : pairs === 0 && against.length === 0
      ? 'There is no ranking to check: no point has two engines that were measured at equal terms.'
      : 'The ranking does not hold.';
  return {
    holds,
    text: [head, ...against.map((line) => `  ${line}`), ...notes.map((line) => `  (${line})`)].join('\n'),
  };
}

const equals = (cells: readonly Cell[]): Cell[] =>
  cells.filter((cell) => measured(cell) && cell.setting.terms === 'equal');

const find = (cells: readonly Cell[], { setting }: Cell): Cell | undefined =>
  cells.find((cell) => cell.setting.id === setting.id);

const inFront = (cells: readonly Cell[]): string[] => winners(rank(cells)).map(({ setting }) => setting.id);

const rates = (a: Cell, b: Cell): string =>
  `${showNumber(a.summary.pagesPerSecond.median)} against ${showNumber(b.summary.pagesPerSecond.median)}/s`;

function pairsOf(cells: readonly Cell[]): [Cell, Cell][] {
  return cells.flatMap((a, index) => cells.slice(index + 1).map((b): [Cell, Cell] => [a, b]));
}
