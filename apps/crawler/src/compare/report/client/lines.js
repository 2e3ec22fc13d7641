import { hideTip, make, showTip } from './dom.js';
import { color, colorOf, isBest, lookOf, markerPath, swatch } from './state.js';

/**
 * @typedef {object} Axis
 * @property {string} label with its unit
 * @property {'even' | 'log' | 'bent'} scale bent: even near 0, and logarithmic further out
 * @property {readonly [number, number]} range
 * @property {readonly number[]} ticks
 * @property {(value: number) => string} show a tick, and a value
 *
 * @typedef {object} Line
 * @property {string} id of the setting
 * @property {(number | null)[]} values
 * @property {(readonly [number, number] | null)[]} [intervals]
 *
 * @typedef {object} Mark something to be seen at a place of the x axis
 * @property {number} at
 * @property {readonly [number, number] | null} range
 * @property {string} text
 * @property {boolean} dashed
 *
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} label what it shows, for those who do not see it
 * @property {number[]} x
 * @property {Axis} xAxis
 * @property {Axis} yAxis
 * @property {Line[]} lines
 * @property {Mark[]} [marks]
 * @property {boolean} points whether each value gets the mark of its setting
 * @property {number} height
 */

/** Its script comes first, and leaves this name. */
const { uPlot } = /** @type {any} */ (globalThis);

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Height of the words of a mark, in CSS pixels. */
const MARK = 17;
/** Of a page on paper, in CSS pixels. */
const PAPER = 660;

/** @type {WeakMap<Element, { plot: any, watch: ResizeObserver }>} */
const plots = new WeakMap();

/**
 * Draws a chart into `host`, in place of the one that is there.
 *
 * @param {HTMLElement} host
 * @param {Chart} chart
 * @param {boolean} printing
 */
export function drawLines(host, chart, printing) {
  const before = plots.get(host);
  before?.watch.disconnect();
  before?.plot.destroy();
  // A chart in a hidden part of the page has no width: it is drawn when it gets one.
  const width = printing ? Math.min(PAPER, host.clientWidth || PAPER) : host.clientWidth || 300;
  host.setAttribute('role', 'img');
  host.setAttribute(
    'aria-label',
    `${chart.title}. ${chart.label} With the left and right arrow keys the values are read out.`,
  );
  host.tabIndex = 0;
  host.replaceChildren();
  const scale = (/** @type {Axis} */ axis) => ({
    time: false,
    distr: axis.scale === 'log' ? 3 : axis.scale === 'bent' ? 4 : 1,
    asinh: 1,
    range: () => /** @type {[number, number]} */ ([...axis.range]),
  });
  const axis = (/** @type {Axis} */ { label, ticks, show }, /** @type {any} */ more) => ({
    label,
    labelFont: FONT,
    font: FONT,
    stroke: color('muted'),
    grid: { stroke: color('grid'), width: 1 },
    ticks: { show: false },
    splits: () => [...ticks],
    filter: (/** @type {any} */ _plot, /** @type {number[]} */ splits) => splits,
    values: (/** @type {any} */ _plot, /** @type {number[]} */ splits) => splits.map(show),
    ...more,
  });
  const plot = new uPlot(
    {
      width,
      height: chart.height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      padding: [(chart.marks?.length ?? 0) > 0 ? 12 + MARK * (chart.marks?.length ?? 0) : 14, 18, 0, 0],
      scales: { x: scale(chart.xAxis), y: scale(chart.yAxis) },
      axes: [
        axis(chart.xAxis, { grid: { show: false }, size: 30, labelSize: 20, gap: 6 }),
        axis(chart.yAxis, { size: 52, labelSize: 20, gap: 6 }),
      ],
      series: [
        {},
        ...chart.lines.map(({ id }) => ({
          label: id,
          stroke: colorOf(id),
          width: 2,
          dash: [...lookOf(id).dash],
          spanGaps: true,
          points: { show: false },
        })),
      ],
      hooks: {
        drawAxes: [(/** @type {any} */ self) => drawMarks(self, chart.marks ?? [])],
        draw: [(/** @type {any} */ self) => drawPoints(self, chart)],
        setCursor: [(/** @type {any} */ self) => tell(self, chart)],
      },
    },
    [chart.x, ...chart.lines.map(({ values }) => values)],
    host,
  );
  // The plot is read by keys at its host; what uPlot makes is for the pointer alone.
  host.onkeydown = (event) => step(plot, chart, event);
  host.onblur = () => plot.setCursor({ left: -10, top: -10 });
  const watch = new ResizeObserver(() => {
    const now = host.clientWidth;
    if (now > 0 && !printing && Math.abs(now - plot.width) > 1)
      plot.setSize({ width: now, height: chart.height });
  });
  watch.observe(host);
  plots.set(host, { plot, watch });
}

/**
 * @param {any} plot
 * @param {Mark[]} marks
 */
function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  for (const [index, { at, range, text, dashed }] of marks.entries()) {
    const x = plot.valToPos(at, 'x', true);
    if (range !== null) {
      const [from, to] = range.map((value) => plot.valToPos(value, 'x', true));
      ctx.fillStyle = color('band');
      ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
    }
    // Their words are above the chart, one below the other, each at the top of its line.
    const top = bbox.top - (marks.length - index) * MARK * ratio;
    ctx.strokeStyle = color('ink');
    ctx.lineWidth = 1.25 * ratio;
    ctx.setLineDash(dashed ? [5 * ratio, 4 * ratio] : []);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const left = x > bbox.left + bbox.width * 0.7;
    ctx.fillStyle = color('ink');
    ctx.textAlign = left ? 'right' : 'left';
    ctx.textBaseline = 'top';
    ctx.fillText(text, x + (left ? -6 : 6) * ratio, top);
  }
  ctx.restore();
}

/**
 * @param {any} plot
 * @param {Chart} chart
 */
function drawPoints(plot, { x, lines, points }) {
  if (!points) return;
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  for (const { id, values, intervals } of lines) {
    const { marker } = lookOf(id);
    ctx.strokeStyle = colorOf(id);
    ctx.lineWidth = 1.6 * ratio;
    for (const [index, value] of values.entries()) {
      if (value === null) continue;
      const left = plot.valToPos(x[index], 'x', true);
      const interval = intervals?.[index];
      if (interval) {
        ctx.beginPath();
        for (const end of interval) {
          const y = plot.valToPos(end, 'y', true);
          ctx.moveTo(left - 4 * ratio, y);
          ctx.lineTo(left + 4 * ratio, y);
        }
        ctx.moveTo(left, plot.valToPos(interval[0], 'y', true));
        ctx.lineTo(left, plot.valToPos(interval[1], 'y', true));
        ctx.stroke();
      }
      const path = new Path2D(markerPath(marker, left, plot.valToPos(value, 'y', true), 4 * ratio));
      ctx.fillStyle = isBest(id) ? color('surface') : colorOf(id);
      if (marker !== 'cross') ctx.fill(path);
      ctx.stroke(path);
    }
  }
  ctx.restore();
}

/**
 * What is known of a line at a place: where lines have values at places of their own, the last before.
 *
 * @param {(number | null)[]} values
 * @param {number} index
 */
function valueAt(values, index) {
  if (!values.slice(index).some((value) => value !== null)) return null;
  for (let at = index; at >= 0; at--) {
    const value = values[at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/**
 * @param {any} plot
 * @param {Chart} chart
 */
function tell(plot, { x, lines, xAxis, yAxis }) {
  const { idx, left, top } = plot.cursor;
  if (idx === null || idx === undefined || left < 0) {
    hideTip();
    return;
  }
  const box = plot.over.getBoundingClientRect();
  const rows = lines
    .map(({ id, values }) => ({ id, value: valueAt(values, idx) }))
    .filter(({ value }) => value !== null)
    .sort((a, b) => Number(b.value) - Number(a.value))
    .map(({ id, value }) =>
      make(
        'div',
        { class: 'tip-row' },
        swatch(id),
        make('span', {}, id),
        make('b', {}, yAxis.show(Number(value))),
      ),
    );
  showTip(
    [make('div', { class: 'tip-head' }, `${xAxis.label}: ${xAxis.show(x[idx] ?? 0)}`), ...rows],
    box.left + left,
    box.top + Math.max(0, top),
  );
}

/**
 * @param {any} plot
 * @param {Chart} chart
 * @param {KeyboardEvent} event
 */
function step(plot, { x }, event) {
  const { idx } = plot.cursor;
  if (event.key === 'Escape') {
    plot.setCursor({ left: -10, top: -10 });
    return;
  }
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const next =
    idx === null || idx === undefined
      ? by > 0
        ? 0
        : x.length - 1
      : Math.min(x.length - 1, Math.max(0, idx + by));
  plot.setCursor({ left: plot.valToPos(x[next], 'x'), top: 20 });
}
