import Table from 'cli-table3';
import pc from 'picocolors';
import { digits, times, withUnit } from './format.ts';
import type { Outcome } from './mark.ts';
import { DISTURBED, median } from '@switchyard/measure';
import { OURS, type Case, type Metric, type Row, type Unit } from './row.ts';
import { summaryOf, valuesOf, type Cell, type RowResult } from './run-row.ts';

const COLOURS = { reached: pc.green, missed: pc.red, 'not measured': pc.yellow } as const;

/** Columns that a row has no use for are left out: the case where there is one, the ratio where there is nobody else. */
interface Columns {
  readonly cases: boolean;
  readonly ratio: boolean;
}

const columnsOf = (row: Row): Columns => ({ cases: row.cases.length > 1, ratio: row.contenders.length > 1 });

function heading({ metrics, ...row }: Row, columns: Columns): string[] {
  const figures = metrics.flatMap(({ label }, index) =>
    index === 0 ? [`${label}, median`, 'min - max'] : [label],
  );
  return [
    ...(columns.cases ? ['case'] : []),
    `contender (per ${row.per})`,
    'n',
    ...figures,
    ...(columns.ratio ? ['to ours'] : []),
  ];
}

/** What the contender costs in units of what ours does, by the first metric that both were measured in. */
function toOurs(cell: Cell, ours: Cell | undefined, metrics: readonly Metric[]): string {
  for (const { id } of metrics) {
    const [theirs, own] = [valuesOf(cell, id), valuesOf(ours, id)];
    if (theirs !== undefined && own !== undefined)
      return cell === ours ? '1' : times(median(theirs) / median(own));
  }
  return '-';
}

/** The figures of a cell, or the word for why there are none; the reason is said elsewhere, where there is room for it. */
function figuresOf(row: Row, cell: Cell | undefined): string[] {
  const none = row.metrics.map(() => '-');
  if (cell === undefined || cell.absent !== undefined) return [pc.yellow('absent'), ...none];
  if (cell.cannot !== undefined) return [pc.dim('cannot'), ...none];
  if (cell.crash !== undefined) return [pc.red('crashed'), ...none];
  return row.metrics.flatMap(({ id, unit }, index) => {
    const summary = summaryOf(cell, id);
    if (index > 0) return [summary === undefined ? '-' : withUnit(summary.median, unit)];
    if (summary === undefined) return ['-', '-'];
    return [
      pc.bold(withUnit(summary.median, unit)),
      `${withUnit(summary.low, unit)} - ${withUnit(summary.high, unit)}`,
    ];
  });
}

function caseLines(row: Row, each: Case, cells: readonly Cell[], columns: Columns): string[][] {
  const find = (contender: string): Cell | undefined =>
    cells.find((cell) => cell.contender === contender && cell.case === each.id);
  return row.contenders.map(({ id, label }, index) => {
    const cell = find(id);
    return [
      ...(columns.cases ? [index === 0 ? each.label : ''] : []),
      label,
      cell === undefined ? '-' : digits(cell.n),
      ...figuresOf(row, cell),
      ...(columns.ratio ? [cell === undefined ? '-' : toOurs(cell, find(OURS), row.metrics)] : []),
    ];
  });
}

function renderTable(row: Row, cells: readonly Cell[]): string {
  const columns = columnsOf(row);
  const head = heading(row, columns);
  const words = columns.cases ? 2 : 1;
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (index < words ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  for (const each of row.cases) table.push(...caseLines(row, each, cells, columns));
  return table.toString();
}

/** Why cells have no figures, once for those that have the same to say. */
function renderReasons(cells: readonly Cell[], kind: 'crash' | 'cannot', verb: string): string[] {
  const said = new Map<string, string[]>();
  for (const cell of cells) {
    const reason = cell[kind];
    if (reason === undefined) continue;
    const name = cell.case === '-' ? cell.contender : `${cell.contender} (${cell.case})`;
    said.set(reason, [...(said.get(reason) ?? []), name]);
  }
  return [...said].map(([reason, names]) => `  ${verb}: ${names.join(', ')}: ${reason}`);
}

/** One line for a mark: the verdict, the mark's words, and the figure that decided. */
export function renderOutcome({ mark, verdict, figure, close }: Outcome, unit: Unit): string {
  const show = (value: number): string => (mark.over === undefined ? withUnit(value, unit) : times(value));
  const figures =
    figure === undefined ? '' : `: ${show(figure.median)} (${show(figure.low)} - ${show(figure.high)})`;
  return `  ${COLOURS[verdict](verdict)}  ${mark.text}${figures}${close ? pc.dim(', too close to be sure') : ''}`;
}

/** In how many of a row's processes other programs had much of a core; '' when all was quiet. */
export function renderNoise(cells: readonly Cell[]): string {
  const heard = cells.flatMap((cell) =>
    cell.runs.flatMap(({ others }) => (others === undefined ? [] : [others])),
  );
  const disturbed = heard.filter((others) => others > DISTURBED);
  if (disturbed.length === 0) return '';
  return pc.yellow(
    `  disturbed: in ${disturbed.length} of ${heard.length} processes others used more than ${DISTURBED} of a core (up to ${digits(Math.max(...disturbed))})`,
  );
}

/** A row as it is printed: its table, its marks, what went wrong. */
export function renderRow({ row, cells, outcomes, note }: RowResult): string {
  return [
    pc.bold(`${row.id}: ${row.title}`),
    renderTable(row, cells),
    ...(note === undefined ? [] : [pc.dim(`  ${note}`)]),
    ...outcomes.map((outcome) => renderOutcome(outcome, unitOf(row, outcome))),
    ...renderReasons(cells, 'cannot', 'cannot').map(pc.dim),
    ...renderReasons(cells, 'crash', 'crashed').map(pc.red),
    ...[renderNoise(cells)].filter((text) => text !== ''),
    '',
  ].join('\n');
}

const unitOf = (row: Row, { mark }: Outcome): Unit =>
  row.metrics.find(({ id }) => id === mark.of.metric)?.unit ?? 'time';

/** The last lines: how many marks were reached, and those that were not. */
export function renderVerdicts(results: readonly RowResult[]): string {
  const all = results.flatMap(({ row, outcomes }) => outcomes.map((outcome) => ({ row, outcome })));
  const count = (verdict: Outcome['verdict']): number =>
    all.filter(({ outcome }) => outcome.verdict === verdict).length;
  const missed = all.filter(({ outcome }) => outcome.verdict === 'missed');
  return [
    `marks: ${count('reached')} reached, ${count('missed')} missed, ${count('not measured')} not measured`,
    ...missed.map(({ row, outcome }) => `  ${row.id}${renderOutcome(outcome, unitOf(row, outcome))}`),
  ].join('\n');
}

/** What `--list` prints. */
export function renderList(rows: readonly Row[]): string {
  return rows
    .map((row) =>
      [
        `${pc.bold(row.id)}  ${row.title} (per ${row.per})`,
        `  contenders: ${row.contenders.map(({ id }) => id).join(', ')}`,
        ...(row.cases.length > 1 ? [`  cases: ${row.cases.map(({ label }) => label).join('; ')}`] : []),
        ...row.marks.map(({ text }) => `  mark: ${text}`),
      ].join('\n'),
    )
    .join('\n');
}
