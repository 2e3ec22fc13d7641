import { showBytes } from '../../cli/units.ts';
import type { PointAnalysis } from '../analysis/analyse.ts';
import type { Crossover } from '../analysis/crossover.ts';
import { measured } from '../analysis/points.ts';
import { showInterval, showFigure, showMilliseconds, unit } from '../analysis/words.ts';
import type { Comparison } from '../result.ts';
import { escapeHtml as text } from './escape.ts';

function tableOf(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  const body = rows.map(
    ([first, ...cells]) =>
      `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${text(caption)}"><table class="wide"><caption class="unseen">${text(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** All that is known of the cells of a point, the fastest first. */
export function pointTable(comparison: Comparison, { label, standings }: PointAnalysis): string {
  const noun = unit(comparison);
  const heads = [
    'engine',
    'place',
    'in flight',
    `${noun}s/s`,
    '95 %',
    'x serial',
    'p50 ms',
    'p99 ms',
    'due p99 ms',
    `CPU ms/${noun}`,
    'memory',
    'start ms',
    'lag p99 ms',
    'server peak',
  ];
  const rows = standings
    .filter(({ cell }) => measured(cell))
    .map(({ cell: { setting, summary }, place }) => [
      place === 1 ? `<span class="first">${text(setting.id)}</span>` : text(setting.id),
      place === null ? '' : String(place),
      `${setting.inFlight}${setting.workers === 0 ? '' : ` in ${setting.workers}`}`,
      showFigure(summary.pagesPerSecond.median),
      showInterval(summary.pagesPerSecond.interval, showFigure).replace(' to ', '–'),
      summary.speedUp === null ? '' : showFigure(summary.speedUp.median),
      showFigure(summary.latency.p50),
      showFigure(summary.latency.p99),
      showFigure(summary.fromDue.p99),
      showFigure(summary.cpuPerPage.median),
      showBytes(summary.memory.median),
      showFigure(summary.startup.median),
      summary.loopLag === null ? '' : showFigure(summary.loopLag.p99),
      summary.serverPeak === null ? '' : String(summary.serverPeak),
    ]);
  return tableOf(label, heads, rows);
}

/** Found beside predicted. */
export function crossoverTable(crossovers: readonly Crossover[]): string {
  const heads = [
    'pool',
    'latency',
    'found at',
    '95 %',
    'measured at',
    'latency / in flight',
    'predicted',
    'gain at most work',
  ];
  const rows = crossovers.map(({ pool, latency, kind, at, range, between, over, gain, prediction }) => [
    text(pool),
    latency === null ? 'as it is' : showMilliseconds(latency),
    kind === 'found'
      ? `<b>${showMilliseconds(at ?? 0)}</b>`
      : kind === 'always'
        ? 'ahead from the start'
        : `not up to ${showMilliseconds(over[1])}`,
    range === null ? '' : showInterval(range, showMilliseconds),
    between === null ? '' : `${showMilliseconds(between[0])}, ${showMilliseconds(between[1])}`,
    prediction.rule === null ? '' : showMilliseconds(prediction.rule),
    prediction.refined === null ? 'never: one core' : showMilliseconds(prediction.refined),
    `${showFigure(gain)} x`,
  ]);
  return tableOf('Crossovers in milliseconds of work a page, found and predicted', heads, rows);
}

export function commandTable({ cells }: Comparison): string {
  return cells
    .map(({ setting, point, command }) => {
      const where = point.latency === null ? point.work : `${point.work}, ${showMilliseconds(point.latency)}`;
      return `<p class="quiet">${text(setting.id)} (${text(where)})</p><pre><code>${text(command)}</code></pre>`;
    })
    .join('');
}
