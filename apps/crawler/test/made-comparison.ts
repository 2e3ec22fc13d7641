import type {
  Cell,
  CellSummary,
  Comparison,
  Estimate,
  Percentiles,
  Point,
  Run,
  Setting,
  Span,
  Timeline,
} from '../src/compare/result.ts';
import { FORMAT } from '../src/compare/result.ts';

/** What a comparison is to be made of. */
export interface Made {
  readonly latencies?: readonly number[];
  readonly works?: readonly string[];
  readonly settings?: readonly Setting[];
  readonly runs?: number;
  readonly pages?: number;
  readonly cores?: number;
  readonly seed?: number;
  /** How far runs of a cell are apart, as a share. */
  readonly noise?: number;
  /** Spans that a timeline shows at the most. */
  readonly spans?: number;
}

const setting = (
  id: string,
  inFlight: number,
  workers: number,
  terms: 'equal' | 'best' = 'equal',
): Setting => ({
  id,
  engine: id.replace(' (best)', ''),
  terms,
  inFlight,
  workers,
  each: workers === 0 ? inFlight : Math.ceil(inFlight / workers),
});

/** All engines, with 64 in flight. */
export const SETTINGS: readonly Setting[] = [
  setting('serial', 1, 0),
  setting('greenlet', 64, 0),
  setting('select', 64, 0),
  setting('threads', 64, 64),
  setting('processes', 64, 64),
  setting('hybrid', 64, 2),
];

/** And one the way it is best run. */
export const BEST: readonly Setting[] = [setting('threads (best)', 64, 2, 'best')];

/** CPU milliseconds a page besides the work, megabytes, and milliseconds of a start. */
const COSTS: Readonly<Record<string, readonly [cpu: number, memory: number, start: number]>> = {
  serial: [0.42, 88, 62],
  greenlet: [0.26, 104, 64],
  select: [0.24, 101, 63],
  threads: [0.41, 655, 931],
  processes: [0.62, 1_971, 2_404],
  hybrid: [0.31, 149, 128],
};

/**
 * A comparison as a machine would give it: pages go through workers that wait for an answer and then need a core, one page at a
 * time each. The same seed gives the same.
 */
export function made(options: Made = {}): Comparison {
  const {
    latencies = [50],
    works = ['links'],
    settings = SETTINGS,
    seed = 7,
    cores = 2,
    pages = 400,
  } = options;
  const random = mulberry(seed);
  const points = latencies.flatMap((latency) => works.map((work): Point => ({ latency, work })));
  const cells = points.flatMap((point) =>
    settings.map((one) => makeCell(point, one, { ...options, pages, cores }, random)),
  );
  const serial = new Map(
    points.map((point) => [
      point,
      cells.find((cell) => cell.point === point && cell.setting.id === 'serial'),
    ]),
  );
  return {
    format: FORMAT,
    title: 'Demo site, 400 pages of 16 KB',
    started: '2026-03-14T09:26:53.000Z',
    took: 184_000,
    kind: 'demo',
    seed,
    subjects: ['http://127.0.0.1:8080/'],
    pages,
    environment: {
      cpu: 'Intel(R) Xeon(R) Processor @ 2.10GHz',
      cores,
      memory: 8 * 1024 ** 3,
      system: 'Linux 6.1.0 x64',
      node: '20.20.2',
      v8: '11.3.244.8-node.33',
      switchyard: '0.1.0',
      load: [0.31, 0.44, 0.4],
    },
    command: 'switchyard compare --seed 7 --json result.json',
    capacity: 21_800,
    cells: cells.map((cell) => {
      const base = serial.get(cell.point)?.summary.pagesPerSecond.median;
      return base === undefined
        ? cell
        : { ...cell, summary: { ...cell.summary, speedUp: scaled(cell.summary.pagesPerSecond, 1 / base) } };
    }),
    warnings: [],
  };
}

interface Circumstances extends Made {
  readonly pages: number;
  readonly cores: number;
}

function makeCell(point: Point, one: Setting, options: Circumstances, random: () => number): Cell {
  const [cpu, memory, start] = COSTS[one.engine] ?? [0.3, 100, 60];
  const work = Number(/^[\d.]+/.exec(point.work)?.[0] ?? 0);
  const workers = Math.max(1, one.workers);
  const share = Math.max(1, workers / options.cores);
  const spans = simulate(
    point.latency ?? 50,
    (work + cpu) * share,
    one.inFlight,
    workers,
    options.pages,
    random,
  );
  const all = spans.flat();
  const wall = Math.max(...all.map(({ done }) => done));
  const times = all.map(({ start: from, arrived }) => arrived - from);
  const sofar = all.map(({ start: from, done }) => done - from * 0.2);
  const noise = options.noise ?? 0.02;
  const runs = Array.from({ length: options.runs ?? 5 }, (_, order): Run => {
    const factor = 1 + (random() - 0.5) * 2 * noise;
    return {
      order,
      wall: wall * factor,
      startup: start * (1 + (random() - 0.5) * 0.1),
      cpu: { user: (work + cpu * 0.8) * options.pages * factor, system: cpu * 0.2 * options.pages * factor },
      pages: options.pages,
      requests: options.pages,
      latency: percentiles(times),
      fromDue: percentiles(sofar),
      loopLag: percentiles(
        one.workers === 0 && one.inFlight > 1
          ? all.map(({ arrived, done }) => (done - arrived) / 2)
          : times.map(() => 1.2),
      ),
      memory: { bytes: (memory + random() * 2) * 1024 ** 2, kind: 'pss' },
      switches: { voluntary: 4_000, involuntary: 120 },
      serverPeak: one.inFlight,
      digest: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
      foreign: 0.03,
      dirty: false,
    };
  });
  return {
    point,
    setting: one,
    runs,
    timeline: timelineOf(spans, wall, memory, options),
    command: `node dist/main.js compare --cell '{"engine":"${one.engine}","work":"${point.work}","latency":${point.latency}}'`,
    summary: summaryOf(runs, percentiles(times), percentiles(sofar), one),
    failed: null,
  };
}

/** Pages of each worker. A worker has so many places, and does the work of one page at a time. */
function simulate(
  latency: number,
  work: number,
  inFlight: number,
  workers: number,
  pages: number,
  random: () => number,
): Span[][] {
  const each = Math.ceil(inFlight / workers);
  const places = Array.from({ length: workers }, () => new Array<number>(each).fill(0));
  const free = new Array<number>(workers).fill(0);
  const spans: Span[][] = free.map(() => []);
  for (let page = 0; page < pages; page++) {
    const worker = page % workers;
    const mine = places[worker]!;
    const start = Math.min(...mine);
    const arrived = start + 0.4 + latency * (0.85 + 0.3 * random());
    const done = Math.max(arrived, free[worker]!) + work * (0.9 + 0.2 * random());
    free[worker] = done;
    mine[mine.indexOf(start)] = done;
    spans[worker]!.push({ start, arrived, done });
  }
  return spans;
}

function timelineOf(
  spans: readonly Span[][],
  wall: number,
  memory: number,
  { pages, spans: most = 400, cores }: Circumstances,
): Timeline {
  const all = spans.flat();
  const until = Math.min(wall, 1_000);
  const step = wall / 40;
  return {
    until,
    workers: spans.map((mine, index) => ({
      name: spans.length === 1 ? 'main' : `worker ${index + 1}`,
      spans: mine.filter(({ start }) => start < until).slice(0, Math.ceil(most / spans.length)),
    })),
    samples: Array.from({ length: 41 }, (_, index) => {
      const at = index * step;
      const busy = all.filter(({ arrived, done }) => arrived < at && done > at - step).length;
      return {
        at,
        inFlight: all.filter(({ start, done }) => start <= at && done > at).length,
        pages: Math.min(pages, all.filter(({ done }) => done <= at).length),
        cores: index === 0 ? null : Math.min(cores, spans.length, 0.1 + busy / 20),
        memory: memory * 1024 ** 2 * (0.7 + 0.3 * Math.min(1, index / 15)),
        loopLag: spans.length === 1 ? Math.min(30, busy * 0.4) : 0.8,
      };
    }),
  };
}

function summaryOf(
  runs: readonly Run[],
  latency: Percentiles,
  fromDue: Percentiles,
  one: Setting,
): CellSummary {
  return {
    pagesPerSecond: estimate(runs.map(({ pages, wall }) => pages / (wall / 1000))),
    cpuPerPage: estimate(runs.map(({ cpu, pages }) => (cpu.user + cpu.system) / pages)),
    speedUp: null,
    memory: estimate(runs.map(({ memory }) => memory.bytes)),
    startup: estimate(runs.map(({ startup }) => startup)),
    latency,
    fromDue,
    loopLag: runs[0]?.loopLag ?? null,
    serverPeak: one.inFlight,
  };
}

/** Median and range; the range for an interval, which is what a bootstrap of few runs comes to. */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  return { median: sorted[sorted.length >> 1]!, low, high, count: values.length, interval: [low, high] };
}

/** The cell with another speed, of which the interval is `share` to either side. */
export function atSpeed(cell: Cell, median: number, share = 0.02): Cell {
  const interval = [median * (1 - share), median * (1 + share)] as const;
  const pagesPerSecond = { median, low: interval[0], high: interval[1], count: 5, interval };
  return { ...cell, summary: { ...cell.summary, pagesPerSecond } };
}

function scaled({ median, low, high, count, interval }: Estimate, by: number): Estimate {
  return {
    median: median * by,
    low: low * by,
    high: high * by,
    count,
    interval: [interval[0] * by, interval[1] * by],
  };
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1)! };
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
