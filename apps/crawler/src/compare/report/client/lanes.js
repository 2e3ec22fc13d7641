import { byId, figures, hideTip, make, showTip } from './dom.js';
import { milliseconds, number, percentage, ticks } from './format.js';
import { cellsOf, color, comparison, colorOf, isShown, shown, swatch, view } from './state.js';

/**
 * @typedef {import('./state.js').Cell} Cell
 *
 * @typedef {object} Placed a page in its row
 * @property {number} start
 * @property {number} arrived
 * @property {number} began when its worker was free for it
 * @property {number} done
 * @property {number} row
 * @property {string} worker
 *
 * @typedef {object} Lane
 * @property {string} name
 * @property {Placed[]} pages
 * @property {number} rows
 */

/** Of all rows of an engine, in CSS pixels. */
const HEIGHT = 132;
/** Of the line below a lane that says when its worker was at work. */
const BUSY = 4;
const GAP = 8;
const AXIS = 20;
/** With more lanes than these they are drawn without room between them. */
const APART = 8;

/**
 * How lanes are laid out.
 *
 * @param {Lane[]} lanes
 */
function layout(lanes) {
  const rows = lanes.reduce((all, lane) => all + lane.rows, 0);
  const size = Math.max(1, Math.min(13, Math.floor(HEIGHT / rows)));
  const [busyLine, gap] = lanes.length > APART ? [0, 0] : [BUSY, GAP];
  return { size, busyLine, gap, height: rows * size + lanes.length * busyLine + (lanes.length - 1) * gap };
}

/**
 * Pages of a worker in as few rows as they need. A worker does the work of one page at a time, so that a page which has arrived
 * waits until the one before it is done.
 *
 * @param {{ name: string, spans: readonly { start: number, arrived: number, done: number }[] }} worker
 * @returns {Lane}
 */
function place({ name, spans }) {
  /** @type {number[]} */
  const ends = [];
  const began = new Map();
  let free = 0;
  for (const span of spans.toSorted((a, b) => a.done - b.done)) {
    began.set(span, Math.min(span.done, Math.max(span.arrived, free)));
    free = span.done;
  }
  const pages = spans
    .toSorted((a, b) => a.start - b.start)
    .map((span) => {
      let row = ends.findIndex((end) => end <= span.start + 1e-6);
      if (row < 0) row = ends.length;
      ends[row] = span.done;
      return { ...span, began: began.get(span), row, worker: name };
    });
  return { name, pages, rows: Math.max(1, ends.length) };
}

export function drawLanes() {
  const host = byId('lanes');
  const cells = cellsOf(shown.point).filter(
    ({ setting, timeline }) =>
      isShown(setting.id) && timeline !== null && timeline.workers.some(({ spans }) => spans.length > 0),
  );
  byId('lanes-part').hidden = cells.length === 0;
  // One page at a time has no end in sight when the others are done: they set what is shown.
  const many = cells.filter(({ setting }) => setting.inFlight > 1);
  const until = Math.max(1, ...(many.length > 0 ? many : cells).map(({ timeline }) => timeline?.until ?? 0));
  const placed = cells.map((cell) => ({ cell, lanes: (cell.timeline?.workers ?? []).map(place) }));
  host.replaceChildren(...placed.map(({ cell, lanes }) => panel(cell, lanes, until)));
  for (const child of host.querySelectorAll('canvas')) child.dispatchEvent(new Event('draw'));
  byId('lanes-figures').replaceChildren(
    figures(
      `${view.unit}s of each worker in the first ${milliseconds(until)}`,
      [
        'worker',
        view.unit + 's',
        'at work, part of the time',
        'waiting for an answer, mean',
        'waiting for the worker, mean',
      ],
      placed.flatMap(({ cell, lanes }) =>
        lanes.map(({ name, pages }) => {
          const seen = pages.filter(({ start }) => start < until);
          const mean = (/** @type {(page: Placed) => number} */ of) =>
            seen.length === 0
              ? ''
              : milliseconds(seen.reduce((all, page) => all + of(page), 0) / seen.length);
          return [
            `${cell.setting.id}: ${name}`,
            number(seen.length),
            percentage(busy(pages, until)),
            mean(({ start, arrived }) => arrived - start),
            mean(({ arrived, began }) => began - arrived),
          ];
        }),
      ),
    ),
  );
}

/**
 * How much of the time a worker was at work.
 *
 * @param {Placed[]} pages
 * @param {number} until
 */
function busy(pages, until) {
  const end = Math.min(until, Math.max(1, ...pages.map(({ done }) => done)));
  return (
    pages.reduce((all, { began, done }) => all + Math.max(0, Math.min(end, done) - Math.min(end, began)), 0) /
    end
  );
}

/**
 * @param {Cell} cell
 * @param {Lane[]} lanes
 * @param {number} until
 */
function panel({ setting }, lanes, until) {
  const { size, busyLine, gap, height } = layout(lanes);
  const most = lanes.reduce((all, { pages }) => all + busy(pages, until), 0) / lanes.length;
  const canvas = make('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': `${setting.id}: ${view.unit}s in flight over ${milliseconds(until)}, in ${lanes.length} ${lanes.length === 1 ? 'lane' : 'lanes'}. With the left and right arrow keys ${view.unit}s are read out.`,
  });
  canvas.style.height = `${height + AXIS}px`;
  const box = make('div', { class: 'panel-drawing' }, canvas);
  const names = make('div', { class: 'panel-names', 'aria-hidden': 'true' });
  let top = 0;
  const named = gap > 0 ? lanes : [{ name: `${lanes.length} workers`, rows: height / size }];
  for (const lane of named) {
    const label = make('span', {}, lane.name);
    label.style.top = `${top}px`;
    label.style.height = `${lane.rows * size}px`;
    names.append(label);
    top += lane.rows * size + busyLine + gap;
  }
  const { cores } = comparison.environment;
  const kind =
    lanes.length === 1
      ? 'at work'
      : lanes.length <= cores
        ? 'each at work'
        : `each at work, or waiting for one of ${cores} cores,`;
  const element = make(
    'div',
    { class: 'panel', 'data-setting': setting.id },
    make(
      'div',
      { class: 'panel-head' },
      make('b', {}, swatch(setting.id), ' ', setting.id),
      make('span', {}, `${lookNote(setting.id)}; ${kind} ${percentage(most)} of the time`),
    ),
    make('div', { class: 'panel-body' }, names, box),
  );
  const draw = () => paint(canvas, setting.id, lanes, until);
  canvas.addEventListener('draw', draw);
  const watch = new ResizeObserver(() => (canvas.isConnected ? draw() : watch.disconnect()));
  watch.observe(box);
  const pages = lanes
    .flatMap((lane) => lane.pages)
    .filter(({ start }) => start < until)
    .sort((a, b) => a.start - b.start);
  let current = -1;
  const tell = (/** @type {Placed | undefined} */ page, /** @type {number} */ x, /** @type {number} */ y) => {
    if (page === undefined) hideTip();
    else showTip(words(page, pages.indexOf(page), lanes.length > 1), x, y);
  };
  canvas.addEventListener('pointermove', (event) => {
    const area = canvas.getBoundingClientRect();
    const at = ((event.clientX - area.left) / area.width) * until;
    tell(pageAt(lanes, at, event.clientY - area.top), event.clientX, event.clientY);
  });
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('blur', () => {
    current = -1;
    hideTip();
  });
  canvas.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hideTip();
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    current = Math.max(0, Math.min(pages.length - 1, current + by));
    const page = pages[current];
    const area = canvas.getBoundingClientRect();
    tell(page, area.left + ((page?.start ?? 0) / until) * area.width, area.top + 10);
  });
  return element;
}

/** @param {string} id */
function lookNote(id) {
  return view.looks.find((look) => look.id === id)?.note ?? '';
}

/**
 * @param {Lane[]} lanes
 * @param {number} at
 * @param {number} y
 */
function pageAt(lanes, at, y) {
  const { size, busyLine, gap } = layout(lanes);
  let top = 0;
  for (const { pages, rows } of lanes) {
    const row = Math.floor((y - top) / size);
    if (row >= 0 && row < rows)
      return pages.find((page) => page.row === row && page.start <= at && page.done >= at);
    top += rows * size + busyLine + gap;
  }
  return undefined;
}

/**
 * @param {Placed} page
 * @param {number} index
 * @param {boolean} named
 */
function words({ start, arrived, began, done, worker }, index, named) {
  const line = (/** @type {string} */ what, /** @type {number} */ time) =>
    make('div', { class: 'tip-row' }, make('span', {}, what), make('b', {}, milliseconds(time)));
  return [
    make('div', { class: 'tip-head' }, `${view.unit} ${index + 1}${named ? `, ${worker}` : ''}`),
    line('asked for after', start),
    line('answer took', arrived - start),
    line('waited for the worker', began - arrived),
    line('work took', done - began),
    line('in all', done - start),
  ];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} id
 * @param {Lane[]} lanes
 * @param {number} until
 */
function paint(canvas, id, lanes, until) {
  const { size, busyLine, gap, height } = layout(lanes);
  const width = canvas.clientWidth;
  const context = canvas.getContext('2d');
  if (width === 0 || context === null) return;
  const ratio = Math.max(devicePixelRatio, shown.printing ? 2 : 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round((height + AXIS) * ratio);
  context.scale(ratio, ratio);
  const x = (/** @type {number} */ time) => (time / until) * width;
  const strong = colorOf(id);
  const bar = size > 3 ? size - 1 : size;
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = color('muted');
  const marks = ticks(0, until, Math.max(2, Math.min(8, width / 90)));
  for (const [index, time] of marks.entries()) {
    context.strokeStyle = color('grid');
    context.beginPath();
    context.moveTo(x(time) + 0.5, 0);
    context.lineTo(x(time) + 0.5, height + 4);
    context.stroke();
    context.textAlign = index === 0 ? 'left' : x(time) > width - 24 ? 'right' : 'center';
    context.fillText(milliseconds(time), x(time), height + 16);
  }
  let top = 0;
  for (const { pages, rows } of lanes) {
    context.fillStyle = color('lane');
    context.fillRect(0, top, width, rows * size);
    for (const { start, arrived, began, done, row } of pages) {
      if (start > until) continue;
      const y = top + row * size;
      const piece = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ alpha) => {
        context.globalAlpha = alpha;
        context.fillStyle = strong;
        const left = x(from);
        const wide = x(Math.min(to, until)) - left;
        if (wide > 0) context.fillRect(left, y, alpha === 1 ? Math.max(0.75, wide) : wide, bar);
      };
      piece(start, arrived, 0.2);
      piece(arrived, began, 0.45);
      piece(began, done, 1);
      context.globalAlpha = 1;
      // Where one page ends and the next begins.
      if (size > 3) {
        context.fillStyle = color('surface');
        context.fillRect(x(done) - 0.5, y, 1, bar);
      }
    }
    // Below its pages, when the worker was at work at all.
    context.fillStyle = color('lane');
    context.fillRect(0, top + rows * size + 1, width, busyLine);
    context.fillStyle = color('ink');
    for (const [from, to] of busyTimes(pages))
      if (from < until)
        context.fillRect(
          x(from),
          top + rows * size + 1,
          Math.max(0.5, x(Math.min(to, until)) - x(from)),
          busyLine,
        );
    top += rows * size + busyLine + gap;
  }
}

/**
 * When there was work at all: what follows at once upon another is one stretch, so that no seam is drawn.
 *
 * @param {Placed[]} pages
 */
function busyTimes(pages) {
  /** @type {[number, number][]} */
  const stretches = [];
  for (const { began, done } of pages.toSorted((a, b) => a.began - b.began)) {
    const last = stretches.at(-1);
    if (last !== undefined && began <= last[1] + 1e-3) last[1] = Math.max(last[1], done);
    else stretches.push([began, done]);
  }
  return stretches;
}
