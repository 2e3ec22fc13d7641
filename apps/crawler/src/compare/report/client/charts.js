import { drawBars } from './bars.js';
import { byId, figures } from './dom.js';
import { figure, logTicks, milliseconds, number, ticks } from './format.js';
import { drawLines } from './lines.js';
import { cellsOf, isShown, shown, view } from './state.js';

/**
 * @typedef {import('./state.js').Cell} Cell
 * @typedef {import('./lines.js').Axis} Axis
 */

/** @param {Cell[]} cells */
const visible = (cells) => cells.filter(({ setting }) => isShown(setting.id));

/** @param {Cell[]} cells the fastest first */
const sorted = (cells) =>
  cells.toSorted((a, b) => b.summary.pagesPerSecond.median - a.summary.pagesPerSecond.median);

/** @param {readonly [number, number]} interval @param {(value: number) => string} show */
const ends = ([low, high], show) => `${show(low)} to ${show(high)}`;

export function drawThroughput() {
  const cells = sorted(visible(cellsOf(shown.point)));
  drawBars(
    byId('throughput'),
    `${view.unit}s a second, with 95 % intervals`,
    [`${view.unit}s/s`, '95 % interval', 'x serial'],
    cells.map(({ setting, summary: { pagesPerSecond, speedUp } }) => ({
      id: setting.id,
      parts: [pagesPerSecond.median],
      interval: pagesPerSecond.interval,
      texts: [
        figure(pagesPerSecond.median),
        ends(pagesPerSecond.interval, figure),
        speedUp === null ? '' : figure(speedUp.median),
      ],
    })),
  );
}

/** @param {readonly number[]} values */
function middle(values) {
  const ordered = values.toSorted((a, b) => a - b);
  const half = ordered.length >> 1;
  return ordered.length % 2 === 1
    ? Number(ordered[half])
    : (Number(ordered[half - 1]) + Number(ordered[half])) / 2;
}

export function drawCosts() {
  const cells = sorted(visible(cellsOf(shown.point)));
  drawBars(
    byId('cpu'),
    `CPU milliseconds ${view.aUnit}: user, then system`,
    ['ms', 'user + system'],
    cells.map(({ setting, runs, summary }) => {
      const clean = runs.some(({ dirty }) => !dirty) ? runs.filter(({ dirty }) => !dirty) : runs;
      const share = middle(
        clean.map(({ cpu }) => (cpu.user + cpu.system === 0 ? 1 : cpu.user / (cpu.user + cpu.system))),
      );
      const { median, interval } = summary.cpuPerPage;
      const [user, system] = [median * share, median * (1 - share)];
      return {
        id: setting.id,
        parts: [user, system],
        interval,
        texts: [figure(median), `${figure(user)} + ${figure(system)}`],
      };
    }),
  );
  drawBars(
    byId('memory'),
    'Most memory at once, in MB',
    ['MB', '95 % interval'],
    cells.map(({ setting, summary: { memory } }) => ({
      id: setting.id,
      parts: [memory.median],
      interval: memory.interval,
      texts: [figure(memory.median / 1024 ** 2), ends(memory.interval, (value) => figure(value / 1024 ** 2))],
    })),
  );
}

/** Where the parts of all answers are drawn: each nine is as far from the one before. */
const PARTS = [0.3, 1, 2, 3];
const PART_NAMES = ['50 %', '90 %', '99 %', 'slowest'];
/** @param {{ p50: number, p90: number, p99: number, max: number }} times */
const steps = ({ p50, p90, p99, max }) => [p50, p90, p99, max];

export function drawLatencies() {
  const cells = visible(cellsOf(shown.point));
  const all = cells.flatMap(({ summary }) => [...steps(summary.latency), ...steps(summary.fromDue)]);
  const [low, high] = [Math.max(0.1, Math.min(...all)) / 1.2, Math.max(1, ...all) * 1.2];
  /** @type {(id: string, title: string, label: string, of: (cell: Cell) => number[]) => void} */
  const draw = (id, title, label, of) => {
    drawLines(
      byId(id),
      {
        title,
        label,
        x: PARTS,
        xAxis: {
          label: `part of all ${view.unit}s`,
          scale: 'even',
          range: [0.2, 3.1],
          ticks: PARTS,
          show: (value) => PART_NAMES[PARTS.indexOf(value)] ?? '',
        },
        yAxis: {
          label: 'milliseconds',
          scale: 'log',
          range: [low, high],
          ticks: logTicks(low, high),
          show: number,
        },
        lines: cells.map((cell) => ({ id: cell.setting.id, values: of(cell) })),
        points: true,
        height: 260,
      },
      shown.printing,
    );
    byId(`${id}-figures`).replaceChildren(
      figures(
        `${title}, milliseconds`,
        ['engine', ...PART_NAMES],
        cells.map((cell) => [cell.setting.id, ...of(cell).map(figure)]),
      ),
    );
  };
  draw('response', 'Response', 'From the start of a fetch to its last byte.', ({ summary }) =>
    steps(summary.latency),
  );
  draw(
    'due',
    'From when it was due',
    'Also the time that it waited for its turn, and for its outcome.',
    ({ summary }) => steps(summary.fromDue),
  );
}

/** Room at the left for the points of the least. */
const leftOf = (/** @type {number[]} */ x) => Math.min(...x) * 0.88 - 0.06;

/**
 * Pages a second along one axis of the grid, the other being that of the shown point.
 *
 * @param {string} id
 * @param {string} title
 * @param {string} label
 * @param {{ index: number, x: number }[]} places
 * @param {import('./lines.js').Mark[]} marks
 */
function drawAcross(id, title, label, places, marks) {
  const x = places.map((place) => place.x);
  const rows = places.map(({ index }) => cellsOf(index));
  const ids = view.looks
    .map((look) => look.id)
    .filter((one) => isShown(one) && rows.some((cells) => cells.some(({ setting }) => setting.id === one)));
  const lines = ids.map((one) => {
    const cells = rows.map((row) => row.find(({ setting }) => setting.id === one));
    return {
      id: one,
      values: cells.map((cell) => cell?.summary.pagesPerSecond.median ?? null),
      intervals: cells.map((cell) => cell?.summary.pagesPerSecond.interval ?? null),
    };
  });
  const rates = lines.flatMap(({ values }) => values).filter((value) => value !== null);
  const [low, high] = [Math.min(...rates) / 1.4, Math.max(...rates) * 1.4];
  drawLines(
    byId(id),
    {
      title,
      label: `${view.unit}s a second, a line for each engine.`,
      x,
      xAxis: {
        label,
        scale: 'bent',
        range: [leftOf(x), Math.max(...x) * 1.1],
        ticks: x,
        show: milliseconds,
      },
      yAxis: {
        label: `${view.unit}s a second`,
        scale: 'log',
        range: [low, high],
        ticks: logTicks(low, high),
        show: number,
      },
      lines,
      marks,
      points: true,
      height: 340,
    },
    shown.printing,
  );
  byId(`${id}-figures`).replaceChildren(
    figures(
      `${title}, ${view.unit}s a second`,
      ['engine', ...x.map(milliseconds)],
      lines.map((line) => [line.id, ...line.values.map((value) => (value === null ? '' : figure(value)))]),
    ),
  );
}

/** Indices of the points on a line through the shown one, by what they have along it. */
function placesAlong(/** @type {'amount' | 'latency'} */ axis) {
  const here = view.points[shown.point];
  const found = new Map();
  for (const [index, point] of view.points.entries()) {
    const same = axis === 'amount' ? point.latency === here?.latency : point.work === here?.work;
    const x = point[axis];
    if (same && x !== null && !found.has(x)) found.set(x, { index, x });
  }
  return [...found.values()].sort((a, b) => a.x - b.x);
}

export function drawCrossovers() {
  // With one point there is nothing to cross; of tasks nobody knows how much of their time is work.
  if (view.points.length < 2 || view.unit === 'item') return;
  const here = view.points[shown.point];
  const works = placesAlong('amount');
  byId('across-work-part').hidden = works.length < 2;
  if (works.length > 1) {
    const first = view.crossovers
      .filter(({ latency, kind, pool }) => latency === here?.latency && kind === 'found' && isShown(pool))
      .toSorted((a, b) => Number(a.at) - Number(b.at))[0];
    const predicted =
      first?.prediction ?? view.crossovers.find(({ latency }) => latency === here?.latency)?.prediction;
    const marks = [];
    if (predicted !== undefined && predicted.refined !== null)
      marks.push({
        at: predicted.refined,
        range: null,
        text: `predicted ${milliseconds(predicted.refined)}`,
        dashed: true,
      });
    if (first !== undefined && first.at !== null)
      marks.push({
        at: first.at,
        range: first.range,
        text: `found ${milliseconds(first.at)} (${first.pool})`,
        dashed: false,
      });
    const where =
      here === undefined || here.latency === null ? '' : ` at ${milliseconds(here.latency)} latency`;
    drawAcross('across-work', `Over the work of a page${where}`, 'work a page', works, marks);
  }
  const latencies = placesAlong('latency');
  byId('across-latency-part').hidden = latencies.length < 2;
  if (latencies.length > 1)
    drawAcross('across-latency', `Over the latency, at work "${here?.work}"`, 'latency', latencies, []);
  byId('crossover').hidden = works.length < 2 && latencies.length < 2;
}

export function drawTimes() {
  const cells = visible(cellsOf(shown.point)).filter(
    ({ timeline }) => timeline !== null && timeline.samples.length > 1,
  );
  byId('times').hidden = cells.length === 0;
  if (cells.length === 0) return;
  // One page at a time takes so long that all others would be at the edge: it goes on beyond the end.
  const many = cells.filter(({ setting }) => setting.inFlight > 1);
  const end =
    Math.max(...(many.length > 0 ? many : cells).map(({ timeline }) => timeline?.samples.at(-1)?.at ?? 0)) *
    1.02;
  const sampled = cells.map(({ setting, timeline }) => ({
    id: setting.id,
    samples: (timeline?.samples ?? []).filter(({ at }) => at <= end),
  }));
  const x = [...new Set(sampled.flatMap(({ samples }) => samples.map(({ at }) => at)))].sort((a, b) => a - b);
  /** @type {(id: string, title: string, unit: string, of: (sample: any) => number | null, show: (value: number) => string) => void} */
  const draw = (id, title, unit, of, show) => {
    const lines = sampled.map((one) => {
      const known = new Map(one.samples.map((sample) => [sample.at, of(sample)]));
      return { id: one.id, values: x.map((at) => known.get(at) ?? null) };
    });
    const values = lines.flatMap((line) => line.values).filter((value) => value !== null);
    byId(id).parentElement?.toggleAttribute('hidden', values.length === 0);
    if (values.length === 0) return;
    const high = Math.max(1e-3, ...values) * 1.08;
    drawLines(
      byId(id),
      {
        title,
        label: `${title} over the time of a run.`,
        x,
        xAxis: {
          label: 'time since the first request',
          scale: 'even',
          range: [0, end],
          ticks: ticks(0, end, 4),
          show: milliseconds,
        },
        yAxis: { label: unit, scale: 'even', range: [0, high], ticks: ticks(0, high, 4), show },
        lines,
        points: false,
        height: 190,
      },
      shown.printing,
    );
    byId(`${id}-figures`).replaceChildren(
      figures(
        `${title}, ${unit}`,
        ['engine', 'median', 'most'],
        lines.map((line) => {
          const own = line.values.filter((value) => value !== null);
          return own.length === 0 ? [line.id, '', ''] : [line.id, show(middle(own)), show(Math.max(...own))];
        }),
      ),
    );
  };
  draw('in-flight', 'In flight', `${view.unit}s`, ({ inFlight }) => inFlight, number);
  draw('cores', 'Cores in use', 'cores', ({ cores }) => cores, number);
  draw('memory-time', 'Memory', 'MB', ({ memory }) => (memory === null ? null : memory / 1024 ** 2), number);
  draw('lag', 'Event loop lag', 'milliseconds', ({ loopLag }) => loopLag, number);
}
