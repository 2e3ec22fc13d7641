import type { Cell, Comparison, Estimate } from '../result.ts';
import { type Crossover, firstPool } from './crossover.ts';
import { cellsAt, clearlyFaster, compareEstimates, isOneThread, measured, most, workOf } from './points.ts';
import type { Standing } from './ranking.ts';
import {
  aUnit,
  describePoint,
  plain,
  showBytes,
  showFaster,
  showMilliseconds,
  showTimes,
  unit,
  was,
} from './words.ts';

/** When an engine is the wrong choice, by what was seen of it. */
export interface Unsuited {
  readonly setting: string;
  /** Each ends the sentence "The wrong choice ..."; none where this run has no case against it. */
  readonly reasons: readonly string[];
}

/** So many times as much as the least of the others is worth a word. */
const MUCH = 1.3;
/** A loop that is later than this, in milliseconds, is felt by whoever else it serves. */
const LATE = 20;
/** A start that takes so much longer, in milliseconds, is felt in a short job. */
const SLOW_START = 50;

/** A cell, and those at equal terms that it was up against. */
interface Place {
  readonly cell: Cell;
  readonly others: readonly Cell[];
}

/** For every setting at equal terms. */
export function unsuited(
  comparison: Comparison,
  rankings: readonly (readonly Standing[])[],
  found: readonly Crossover[],
): Unsuited[] {
  const equal = comparison.cells.filter(({ setting }) => setting.terms === 'equal');
  return [...new Set(equal.map(({ setting }) => setting.id))].map((id) => {
    const places = rankings.flatMap((standings) => placeOf(standings, id));
    return {
      setting: id,
      reasons: [
        ...slower(comparison, places, found),
        ...lateLoop(comparison, places),
        ...memory(places),
        ...startup(places),
        ...cpu(comparison, places),
        ...failures(comparison, id),
      ],
    };
  });
}

function placeOf(standings: readonly Standing[], id: string): Place[] {
  const equal = standings.filter(({ place }) => place !== null).map(({ cell }) => cell);
  const cell = equal.find(({ setting }) => setting.id === id);
  return cell === undefined ? [] : [{ cell, others: equal.filter((other) => other !== cell) }];
}

/** Where it lost most, and to whom. */
function slower(comparison: Comparison, places: readonly Place[], found: readonly Crossover[]): string[] {
  const losses = places.flatMap(({ cell, others }) => {
    const rival = most(others, ({ summary }) => summary.pagesPerSecond.median);
    if (rival === undefined || !clearlyFaster(rival, cell)) return [];
    return [
      { cell, rival, factor: rival.summary.pagesPerSecond.median / cell.summary.pagesPerSecond.median },
    ];
  });
  const worst = most(losses, ({ factor }) => factor);
  if (worst === undefined) return [];
  const { cell, rival, factor } = worst;
  const where = describePoint(cell.point, comparison);
  const lead = showFaster(factor, 1).replace(/ (than|as)$/, '');
  const evidence = `at ${where}, ${plain(rival.setting)} ${was(rival.setting)} ${lead}`;
  if (places.length === 1) return [`for speed: ${evidence}`];
  if (losses.length === places.length) return [`for speed, at all points that were measured: ${evidence}`];
  const crossing = firstPool(
    found.filter(
      ({ one, kind, latency }) =>
        one === cell.setting.id && kind === 'found' && latency === cell.point.latency,
    ),
  );
  if (isOneThread(cell) && crossing?.at != null && (workOf(cell.point) ?? 0) >= crossing.at)
    return [
      `when ${aUnit(comparison)} needs more than about ${showMilliseconds(crossing.at)} of work: ${evidence}`,
    ];
  return [
    `${kindsOf(
      comparison,
      cell,
      places,
      losses.map((loss) => loss.cell),
    )}: ${evidence}`,
  ];
}

/** Which pages it lost with, at the latency where it lost most: those with much work, or with little, or neither. */
function kindsOf(
  comparison: Comparison,
  worst: Cell,
  places: readonly Place[],
  lost: readonly Cell[],
): string {
  const works = (cells: readonly Cell[]): number[] =>
    cells
      .filter(({ point }) => point.latency === worst.point.latency)
      .map(({ point }) => workOf(point))
      .filter((work) => work !== null);
  const [least, most] = [Math.min(...works(lost)), Math.max(...works(lost))];
  const kept = works(places.map(({ cell }) => cell).filter((cell) => !lost.includes(cell)));
  const when = `when ${aUnit(comparison)} needs`;
  if (kept.length > 0 && kept.every((work) => work < least))
    return `${when} ${showMilliseconds(least)} of work or more`;
  if (kept.length > 0 && kept.every((work) => work > most))
    return `${when} ${showMilliseconds(most)} of work or less`;
  return `for ${unit(comparison)}s of some kinds`;
}

function lateLoop(comparison: Comparison, places: readonly Place[]): string[] {
  const late = places.filter(({ cell, others }) => {
    const lag = cell.summary.loopLag?.p99 ?? 0;
    const least = Math.min(Infinity, ...others.map(({ summary }) => summary.loopLag?.p99 ?? Infinity));
    // A machine that is late with everything says nothing about an engine.
    return lag >= LATE && (least === Infinity || lag >= 2 * least);
  });
  const worst = most(late, ({ cell }) => cell.summary.loopLag?.p99 ?? 0)?.cell;
  if (worst === undefined) return [];
  const lag = worst.summary.loopLag?.p99 ?? 0;
  return [
    `when the same process has to answer others meanwhile: its event loop was up to ${showMilliseconds(lag)} late (p99, at ${describePoint(worst.point, comparison)})`,
  ];
}

/** The place where a cost is the greatest multiple of the least that others have, if that is much and no chance. */
function dearest(
  places: readonly Place[],
  cost: (cell: Cell) => Estimate,
): { own: Cell; least: Cell; factor: number } | undefined {
  const all = places.flatMap(({ cell, others }) => {
    // One page at a time is cheap and no alternative, unless there is no other.
    const many = others.filter(({ setting }) => setting.inFlight > 1);
    const least = most(many.length > 0 ? many : others, (other) => -cost(other).median);
    if (least === undefined || compareEstimates(cost(cell), cost(least)) < 1) return [];
    return [{ own: cell, least, factor: cost(cell).median / cost(least).median }];
  });
  const worst = most(all, ({ factor }) => factor);
  return worst === undefined || worst.factor < MUCH ? undefined : worst;
}

function memory(places: readonly Place[]): string[] {
  const found = dearest(places, ({ summary }) => summary.memory);
  if (found === undefined) return [];
  const { own, least, factor } = found;
  return [
    `when memory is short: it took ${showBytes(own.summary.memory.median)}, ${showTimes(factor)} what ${plain(least.setting)} took (${showBytes(least.summary.memory.median)})`,
  ];
}

function startup(places: readonly Place[]): string[] {
  const found = dearest(places, ({ summary }) => summary.startup);
  if (found === undefined) return [];
  const [own, least] = [found.own.summary.startup.median, found.least.summary.startup.median];
  if (own - least < SLOW_START) return [];
  return [
    `for short jobs: ${showMilliseconds(own)} went by until it was up, with ${plain(found.least.setting)} ${showMilliseconds(least)}`,
  ];
}

function cpu(comparison: Comparison, places: readonly Place[]): string[] {
  const found = dearest(places, ({ summary }) => summary.cpuPerPage);
  if (found === undefined) return [];
  const { own, least, factor } = found;
  return [
    `when CPU time is what you pay for: ${showMilliseconds(own.summary.cpuPerPage.median)} ${aUnit(comparison)}, ${showTimes(factor)} as much as ${plain(least.setting)} (at ${describePoint(own.point, comparison)})`,
  ];
}

/** Where it failed and others did not: what was stopped for all says nothing of one. */
function failures(comparison: Comparison, id: string): string[] {
  const failed = comparison.cells.find(
    (cell) =>
      cell.setting.id === id &&
      !measured(cell) &&
      cellsAt(comparison, cell.point).some((other) => measured(other)),
  );
  return failed === undefined
    ? []
    : [
        `until this is seen to: it could not be measured at ${describePoint(failed.point, comparison)} (${brief(failed.failed ?? 'no run')})`,
      ];
}

/** The whole of it stands where the figures would be. */
function brief(reason: string): string {
  const [line = ''] = reason.split('\n');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
