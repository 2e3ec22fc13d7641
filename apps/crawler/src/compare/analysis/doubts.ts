import type { Cell, Comparison, Point } from '../result.ts';
import { cellsAt, measured, pointsOf } from './points.ts';
import { describePoint, list, showNumber, showTimes, unit } from './words.ts';

/** A server that can do less than so many times what it was asked for may be what was measured. */
const HEADROOM = 4;
/** With fewer runs an interval says little. */
export const ENOUGH_RUNS = 5;
/** From here on, in milliseconds, an engine that may have many requests in flight can be seen to have them. */
const TELLING_LATENCY = 10;

/** What should be known before the figures are believed, besides what the comparison says itself. */
export function doubts(comparison: Comparison): string[] {
  const own = [
    ...fewRuns(comparison),
    ...dirtyRuns(comparison),
    ...pointsOf(comparison).flatMap((point) => unequalPages(comparison, point)),
    ...nearCapacity(comparison),
    ...fewerInFlight(comparison),
  ];
  const said = new Set(comparison.warnings);
  return [...comparison.warnings, ...own.filter((text) => !said.has(text))];
}

function fewRuns({ cells }: Comparison): string[] {
  const least = Math.min(
    Infinity,
    ...cells.filter(measured).map(({ summary }) => summary.pagesPerSecond.count),
  );
  if (least >= ENOUGH_RUNS) return [];
  return [
    `Only ${least} ${least === 1 ? 'run was' : 'runs were'} counted of a cell: the intervals say little below ${ENOUGH_RUNS}.`,
  ];
}

function dirtyRuns({ cells }: Comparison): string[] {
  const runs = cells.flatMap((cell) => cell.runs);
  const dirty = runs.filter((run) => run.dirty).length;
  if (dirty === 0) return [];
  const spoilt = cells.filter((cell) => measured(cell) && cell.runs.every((run) => run.dirty)).length;
  const rest =
    spoilt === 0
      ? 'They are left out of the figures.'
      : `${spoilt} ${spoilt === 1 ? 'cell has' : 'cells have'} no clean run and had to be taken from dirty ones.`;
  return [
    `Other processes took CPU time during ${dirty} of ${runs.length} runs (called dirty below). ${rest}`,
  ];
}

function unequalPages(comparison: Comparison, point: Point): string[] {
  const cells = cellsAt(comparison, point).filter(measured);
  const digests = new Map<string, string[]>();
  for (const cell of cells)
    for (const digest of new Set(cell.runs.map((run) => run.digest)))
      digests.set(digest, [...(digests.get(digest) ?? []), cell.setting.id]);
  if (digests.size < 2) return [];
  if (comparison.kind === 'tasks') return unequalResults(cells, point);
  const groups = [...digests.values()].map((ids) => list(ids)).join(' | ');
  return [
    `Not the same pages were fetched at ${describePoint(point, comparison)} (${groups}): the figures are not of the same work.`,
  ];
}

/** Whose results are other ones than those of most. */
function unequalResults(cells: readonly Cell[], { work }: Point): string[] {
  const all = cells.map(({ setting, runs }) => ({
    id: setting.id,
    digests: new Set(runs.map(({ digest }) => digest)),
  }));
  const unsteady = all.filter(({ digests }) => digests.size > 1).map(({ id }) => id);
  if (unsteady.length > 0)
    return [
      `The results of ${work} were not the same in each run of ${list(unsteady)}: whether engines give the same cannot be told.`,
    ];
  const ids = new Map<string, string[]>();
  for (const { id, digests } of all)
    for (const digest of digests) ids.set(digest, [...(ids.get(digest) ?? []), id]);
  // The engines stand in the order of a report, serial first: where halves disagree it is believed.
  const [most, ...others] = [...ids.values()].sort((a, b) => b.length - a.length) as [
    string[],
    ...string[][],
  ];
  return [
    `${list(others.flat())} gave other results of ${work} than ${list(most)}: the figures are not of the same work.`,
  ];
}

function nearCapacity(comparison: Comparison): string[] {
  const { capacity, cells } = comparison;
  if (capacity === null) return [];
  const asked = (cell: Cell): number =>
    Math.max(0, ...cell.runs.map(({ requests, wall }) => requests / (wall / 1000)));
  const most = Math.max(0, ...cells.filter(measured).map(asked));
  if (most * HEADROOM <= capacity) return [];
  return [
    `The server can answer ${showNumber(capacity)} requests a second and was asked for up to ${showNumber(most)}: ` +
      `with ${showTimes(capacity / most)} as much, and not ${HEADROOM}, it may have held the fastest engines back.`,
  ];
}

function fewerInFlight(comparison: Comparison): string[] {
  // A short answer is gone before the next request comes, so that nothing follows from few of them at once.
  const telling = comparison.cells.filter(
    (cell) =>
      measured(cell) &&
      cell.summary.serverPeak !== null &&
      cell.setting.inFlight > 1 &&
      cell.point.latency !== null &&
      cell.point.latency >= TELLING_LATENCY,
  );
  const highest = new Map<string, Cell>();
  for (const cell of telling) {
    const known = highest.get(cell.setting.id);
    if (known === undefined || (cell.summary.serverPeak ?? 0) > (known.summary.serverPeak ?? 0))
      highest.set(cell.setting.id, cell);
  }
  return [...highest.values()]
    .filter(({ setting, summary }) => (summary.serverPeak ?? 0) < setting.inFlight * 0.75)
    .map(
      ({ setting, summary }) =>
        `${setting.id} may have ${setting.inFlight} ${unit(comparison)}s in flight, and the server never saw more than ${summary.serverPeak}.`,
    );
}
