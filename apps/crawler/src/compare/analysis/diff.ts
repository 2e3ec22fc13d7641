import Table from 'cli-table3';
import { colorsFor } from '../../cli/colors.ts';
import type { Cell, Comparison, Estimate } from '../result.ts';
import { compareEstimates, measured, pointsOf, samePoint } from './points.ts';
import { aUnit, describePoint, showBytes, showMilliseconds, showNumber, unit } from './words.ts';

/**
 * Two comparisons beside each other, cell by cell: what has become faster, slower, dearer, and what has not changed beyond
 * chance. Says first what makes them hard to compare: another machine, other versions, other sizes.
 */
export function diffText(a: Comparison, b: Comparison, { color }: { readonly color: boolean }): string {
  const colors = colorsFor(color);
  const lines = [`A: ${a.title} (${a.started})`, `B: ${b.title} (${b.started})`, ''];
  const odds = differences(a, b);
  if (odds.length > 0) {
    lines.push(
      colors.yellow('Not the same circumstances; the figures below may differ for these reasons alone:'),
    );
    lines.push(...odds.map((line) => `  ${line}`), '');
  }
  let changed = 0;
  let common = 0;
  for (const point of pointsOf(a)) {
    const table = new Table({
      head: ['', `${unit(a)}s/s`, 'p99', `CPU ${aUnit(a)}`, 'memory', ''],
      style: { head: [], border: [], compact: true },
      colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    });
    for (const before of a.cells.filter((cell) => samePoint(cell.point, point))) {
      const after = b.cells.find((cell) => sameCell(cell, before));
      if (after === undefined) {
        table.push([before.setting.id, '', '', '', '', 'only in A']);
        continue;
      }
      if (!measured(before) || !measured(after)) {
        const where = [measured(before) ? [] : ['A'], measured(after) ? [] : ['B']].flat().join(' and ');
        table.push([before.setting.id, '', '', '', '', `failed in ${where}`]);
        continue;
      }
      common++;
      const verdict = compareEstimates(after.summary.pagesPerSecond, before.summary.pagesPerSecond);
      if (verdict !== 0) changed++;
      table.push(row(before, after, verdict, colors));
    }
    lines.push(describePoint(point, a), table.toString(), '');
  }
  const extra = b.cells.filter((cell) => !a.cells.some((other) => sameCell(cell, other)));
  for (const cell of extra) lines.push(`only in B: ${cell.setting.id} at ${describePoint(cell.point, b)}`);
  if (extra.length > 0) lines.push('');
  lines.push(
    common === 0
      ? 'They have no cell in common.'
      : changed === 0
        ? `No difference in any of ${common} ${common === 1 ? 'cell' : 'cells'}: the intervals overlap.`
        : `${changed} of ${common} ${common === 1 ? 'cell' : 'cells'} changed beyond chance (95 % intervals apart).`,
  );
  return lines.join('\n');
}

function row(before: Cell, after: Cell, verdict: -1 | 0 | 1, colors: ReturnType<typeof colorsFor>): string[] {
  const [old, now] = [before.summary, after.summary];
  const share = now.pagesPerSecond.median / old.pagesPerSecond.median - 1;
  const percent = `${Math.abs(share * 100).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
  const words =
    verdict === 0
      ? colors.dim('no difference')
      : verdict > 0
        ? colors.green(`${percent} faster`)
        : colors.red(`${percent} slower`);
  return [
    after.setting.id,
    change(old.pagesPerSecond.median, now.pagesPerSecond.median, showNumber),
    change(old.latency.p99, now.latency.p99, showMilliseconds),
    marked(old.cpuPerPage, now.cpuPerPage, showMilliseconds),
    marked(old.memory, now.memory, showBytes),
    words,
  ];
}

/** With a star where the intervals are apart. */
function marked(old: Estimate, now: Estimate, show: (value: number) => string): string {
  const star = compareEstimates(old, now) === 0 ? '' : ' *';
  return `${change(old.median, now.median, show)}${star}`;
}

function change(old: number, now: number, show: (value: number) => string): string {
  const [from, to] = [show(old), show(now)];
  return from === to ? to : `${from} -> ${to}`;
}

function sameCell(a: Cell, b: Cell): boolean {
  return samePoint(a.point, b.point) && a.setting.id === b.setting.id;
}

function differences(a: Comparison, b: Comparison): string[] {
  const facts: readonly (readonly [string, (of: Comparison) => string])[] = [
    ['what was compared', ({ kind, subjects }) => `${kind} ${subjects.join(' ')}`],
    ['pages of a run', ({ pages }) => String(pages)],
    ['seed', ({ seed }) => String(seed)],
    ['CPU', ({ environment }) => `${environment.cpu}, ${environment.cores} cores`],
    ['system', ({ environment }) => environment.system],
    ['Node', ({ environment }) => environment.node],
    ['Switchyard', ({ environment }) => environment.switchyard],
  ];
  const settings = a.cells.flatMap((cell) => {
    const other = b.cells.find((candidate) => sameCell(candidate, cell));
    const show = ({ setting }: Cell): string =>
      `${setting.inFlight} in flight, ${setting.workers} workers, ${setting.each} each`;
    return other === undefined || show(cell) === show(other)
      ? []
      : [`${cell.setting.id}: ${show(cell)} -> ${show(other)}`];
  });
  return [
    ...facts.flatMap(([name, of]) => (of(a) === of(b) ? [] : [`${name}: ${of(a)} -> ${of(b)}`])),
    ...new Set(settings),
  ];
}
