import { embedded, makeSvg } from './dom.js';

/**
 * @typedef {import('../../result.ts').Comparison} Comparison
 * @typedef {import('../../result.ts').Cell} Cell
 * @typedef {import('../view.ts').View} View
 * @typedef {import('../view.ts').Look} Look
 */

/** @type {Comparison} */
export const comparison = embedded('comparison');
/** @type {View} */
export const view = embedded('view');

/** What is shown. */
export const shown = {
  point: 0,
  /** @type {Set<string>} ids of settings that are not */
  hidden: new Set(),
  printing: false,
};

/** @type {(() => void)[]} */
const drawers = [];

/**
 * Draws now and whenever something else is to be shown, or in other colours.
 *
 * @param {() => void} draw
 */
export function drawn(draw) {
  drawers.push(draw);
  draw();
}

export function redraw() {
  for (const draw of drawers) draw();
}

/** @param {string} id */
export function isShown(id) {
  return !shown.hidden.has(id);
}

/**
 * @param {number} index
 * @returns {Cell[]} those with figures
 */
export function cellsOf(index) {
  const point = view.points[index];
  if (point === undefined) return [];
  return comparison.cells.filter(
    (cell) =>
      cell.failed === null &&
      cell.runs.length > 0 &&
      cell.point.latency === point.latency &&
      cell.point.work === point.work,
  );
}

/**
 * @param {string} id
 * @returns {Look}
 */
export function lookOf(id) {
  return /** @type {Look} */ (view.looks.find((look) => look.id === id));
}

/**
 * A colour as the style has it now.
 *
 * @param {string} name
 */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {string} id */
export function colorOf(id) {
  return color(`series-${lookOf(id).color}`);
}

/**
 * A point's shape around (x, y), as a path.
 *
 * @param {import('../view.ts').Marker} marker
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function markerPath(marker, x, y, r) {
  switch (marker) {
    case 'circle':
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
    case 'square':
      return `M${x - r * 0.9} ${y - r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}Z`;
    case 'triangle':
      return `M${x} ${y - r * 1.15}L${x + r * 1.1} ${y + r * 0.85}H${x - r * 1.1}Z`;
    case 'wedge':
      return `M${x} ${y + r * 1.15}L${x + r * 1.1} ${y - r * 0.85}H${x - r * 1.1}Z`;
    case 'diamond':
      return `M${x} ${y - r * 1.25}L${x + r * 1.25} ${y}L${x} ${y + r * 1.25}L${x - r * 1.25} ${y}Z`;
    default:
      return `M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`;
  }
}

/**
 * Line and point of a setting, as the charts have them.
 *
 * @param {string} id
 */
export function swatch(id) {
  const { dash, marker, color: index } = lookOf(id);
  const paint = `var(--series-${index})`;
  return makeSvg(
    'svg',
    { class: 'swatch', width: 30, height: 12, viewBox: '0 0 30 12', 'aria-hidden': 'true' },
    makeSvg('path', {
      d: 'M0 6H30',
      stroke: paint,
      'stroke-width': 2,
      'stroke-dasharray': dash.join(' ') || 'none',
      fill: 'none',
    }),
    makeSvg('path', {
      d: markerPath(marker, 15, 6, 4),
      stroke: paint,
      'stroke-width': 1.6,
      fill: marker === 'cross' ? 'none' : isBest(id) ? 'var(--surface)' : paint,
    }),
  );
}

/** @param {string} id */
export function isBest(id) {
  return comparison.cells.some(({ setting }) => setting.id === id && setting.terms === 'best');
}
