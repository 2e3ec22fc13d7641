import { bootstrap, bootstrapRatio, median } from '@switchyard/measure';
import type { Cell, CellSummary, Percentiles, Run } from './result.ts';

/** The runs to believe: the clean ones, or all when none is. */
export function believed(runs: readonly Run[]): readonly Run[] {
  const clean = runs.filter(({ dirty }) => !dirty);
  return clean.length > 0 ? clean : runs;
}

const rate = ({ pages, wall }: Run): number => pages / (wall / 1000);

/**
 * The figures of a cell.
 *
 * @param serial the runs of `serial` at the same point, if there are any
 * @throws RangeError when there are no runs
 */
export function summaryOf(
  runs: readonly Run[],
  serial: readonly Run[] | undefined,
  seed: number,
): CellSummary {
  const kept = believed(runs);
  const estimate = (value: (run: Run) => number): CellSummary['memory'] => bootstrap(kept.map(value), seed);
  const lags = kept.flatMap(({ loopLag }) => (loopLag === null ? [] : [loopLag]));
  const peaks = kept.flatMap(({ serverPeak }) => (serverPeak === null ? [] : [serverPeak]));
  return {
    pagesPerSecond: estimate(rate),
    cpuPerPage: estimate(({ cpu, pages }) => (cpu.user + cpu.system) / pages),
    speedUp:
      serial === undefined || serial.length === 0
        ? null
        : bootstrapRatio(kept.map(rate), believed(serial).map(rate), seed),
    memory: estimate(({ memory }) => memory.bytes),
    startup: estimate(({ startup }) => startup),
    latency: middle(kept.map(({ latency }) => latency)),
    fromDue: middle(kept.map(({ fromDue }) => fromDue)),
    loopLag: lags.length === 0 ? null : middle(lags),
    serverPeak: peaks.length === 0 ? null : Math.max(...peaks),
  };
}

/** The medians of the runs' percentiles; the most of all for the most. */
function middle(all: readonly Percentiles[]): Percentiles {
  const of = (name: keyof Percentiles): number => median(all.map((one) => one[name]));
  return { p50: of('p50'), p90: of('p90'), p99: of('p99'), max: Math.max(...all.map(({ max }) => max)) };
}

const NO_FIGURE = { median: 0, low: 0, high: 0, count: 0, interval: [0, 0] } as const;
const NO_TIMES: Percentiles = { p50: 0, p90: 0, p99: 0, max: 0 };

/** Of a cell without runs, which says why it has none: there is nothing in it. */
const NO_SUMMARY: CellSummary = {
  pagesPerSecond: NO_FIGURE,
  cpuPerPage: NO_FIGURE,
  speedUp: null,
  memory: NO_FIGURE,
  startup: NO_FIGURE,
  latency: NO_TIMES,
  fromDue: NO_TIMES,
  loopLag: null,
  serverPeak: null,
};

/** The run in the middle, by its time, of those to believe. */
export function middleRun<T extends { readonly run: Run }>(made: readonly T[]): T | undefined {
  const kept = believed(made.map(({ run }) => run));
  const sorted = made.filter(({ run }) => kept.includes(run)).sort((a, b) => a.run.wall - b.run.wall);
  return sorted[(sorted.length - 1) >> 1];
}

/** Cells with their summaries, for which all cells of their points are needed. */
export function summarized(cells: readonly Omit<Cell, 'summary'>[], seed: number): Cell[] {
  return cells.map((cell) => {
    const serial = cells.find(
      ({ point, setting }) =>
        setting.id === 'serial' && point.latency === cell.point.latency && point.work === cell.point.work,
    );
    const summary = cell.runs.length === 0 ? NO_SUMMARY : summaryOf(cell.runs, serial?.runs, seed);
    return { ...cell, summary };
  });
}
