import Table from 'cli-table3';
import { type Colors, colorsFor } from '../../cli/colors.ts';
import { showBytes, showTime } from '../../cli/units.ts';
import type { Analysis, PointAnalysis } from '../analysis/analyse.ts';
import { measured } from '../analysis/points.ts';
import type { Standing } from '../analysis/ranking.ts';
import { showFailures, showFigure, showPages, unit } from '../analysis/words.ts';
import type { Comparison, Estimate } from '../result.ts';

/** From so many columns on there is room for both ends of an interval. */
const WIDE = 108;

/** Lines without a rule between them: figures in columns need none. */
const CHARS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};

/** The comparison for a terminal of `width` columns (100), 80 at the least: the verdict, then the figures it is drawn from. */
export function textReport(
  comparison: Comparison,
  analysis: Analysis,
  { color = false, width = 100 }: { readonly color?: boolean; readonly width?: number } = {},
): string {
  const colors = colorsFor(color);
  const columns = Math.min(120, Math.max(80, width));
  const lines: string[] = [
    ...wrap(analysis.headline, columns).map((line) => colors.bold(line)),
    ...wrap(analysis.reach, columns).map((line) => colors.dim(line)),
  ];
  if (analysis.warnings.length > 0) {
    lines.push('');
    for (const warning of analysis.warnings)
      lines.push(...wrap(`! ${warning}`, columns, '  ').map((line) => colors.yellow(line)));
  }
  for (const point of analysis.points) {
    lines.push('', colors.bold(point.label), ...wrap(point.verdict, columns), '');
    if (point.winners.length > 0) lines.push(table(comparison, point, columns, colors));
    for (const failure of showFailures(point.standings.map(({ cell }) => cell)))
      lines.push(...wrap(failure, columns, '  ').map((line) => colors.red(line)));
  }
  if (analysis.crossings.length > 0) {
    lines.push('', colors.bold('Where pools overtake coroutines'));
    for (const crossing of analysis.crossings) lines.push(...wrap(`- ${crossing}`, columns, '  '));
  }
  const against = analysis.unsuited.filter(({ reasons }) => reasons.length > 0);
  if (against.length > 0) {
    lines.push('', colors.bold('The wrong choice'));
    for (const { setting, reasons } of against)
      for (const reason of reasons) lines.push(...wrap(`- ${setting}: ${reason}`, columns, '  '));
  }
  const { cpu, cores, node, switchyard } = comparison.environment;
  lines.push(
    '',
    ...wrap(
      `${comparison.title}; ${showPages(comparison)}; took ${showTime(comparison.took)}. ${cpu}, ${cores} cores; Node ${node}; Switchyard ${switchyard}.`,
      columns,
    ).map((line) => colors.dim(line)),
  );
  return lines.join('\n');
}

function table(
  comparison: Comparison,
  { standings }: PointAnalysis,
  columns: number,
  colors: Colors,
): string {
  const wide = columns >= WIDE;
  const heads = [
    '',
    '',
    wide ? 'in flight' : 'places',
    `${unit(comparison)}s/s`,
    wide ? '95 %' : '±',
    wide ? 'x serial' : 'x',
    wide ? 'p50 / p99 ms' : 'p50/p99',
    'CPU ms',
    'memory',
    wide ? 'lag ms' : 'lag',
    'peak',
  ];
  const made = new Table({
    head: heads.map((head) => colors.dim(head)),
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': wide ? 1 : 0 },
    colAligns: ['right', 'left', ...heads.slice(2).map(() => 'right' as const)],
  });
  for (const standing of standings) if (measured(standing.cell)) made.push(row(standing, wide, colors));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function row({ cell, place }: Standing, wide: boolean, colors: Colors): string[] {
  const { setting, summary } = cell;
  const name = place === 1 ? colors.green(setting.id) : setting.id;
  const { pagesPerSecond, latency, loopLag } = summary;
  return [
    place === null ? '' : String(place),
    name,
    `${setting.inFlight}${setting.workers === 0 ? '' : wide ? ` in ${setting.workers}` : `/${setting.workers}`}`,
    showFigure(pagesPerSecond.median),
    wide ? pagesPerSecond.interval.map(showFigure).join('-') : halfWidth(pagesPerSecond),
    summary.speedUp === null ? '' : showFigure(summary.speedUp.median),
    `${showFigure(latency.p50)}${wide ? ' / ' : '/'}${showFigure(latency.p99)}`,
    showFigure(summary.cpuPerPage.median),
    showBytes(summary.memory.median),
    loopLag === null ? '' : showFigure(loopLag.p99),
    summary.serverPeak === null ? '' : String(summary.serverPeak),
  ];
}

/** `1.3%`: how far the interval goes at the most, where there is no room for both ends. */
function halfWidth({ median, interval: [low, high] }: Estimate): string {
  const share = (Math.max(median - low, high - median) / median) * 100;
  return `${share < 10 ? share.toFixed(1) : Math.round(share)}%`;
}

/** Between words, and not between a figure and what it counts. */
const UNITS = /(?<!\d) +| +(?!(?:%|ms|s|[KMG]?B)\b|%)/;

/** Broken between words, further lines with `indent` before them. */
function wrap(text: string, columns: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(UNITS)) {
    if (line.trim() !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
