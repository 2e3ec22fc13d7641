import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Row } from './row.ts';

export interface Options {
  readonly rows: readonly Row[];
  readonly runs: number;
  readonly scale: number;
  /** Where the figures go, if not where they always go. */
  readonly json: string | undefined;
  readonly node: string;
  readonly list: boolean;
  readonly help: boolean;
}

/** What is wrong with the command line, in words for the one who wrote it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run bench -- [row...] [options]

  row            a row's name or the beginning of it; none: all rows
  --list         print the rows, their contenders and their marks
  --quick        3 runs of each cell instead of 5
  --runs N       N runs of each cell
  --only A,B     only these contenders; marks that need another one are not measured
  --json FILE    where the figures are written (default: apps/bench/results/latest.json)
  --node PATH    the Node that runs the cells (default: the one that runs this)
  --scale F      multiply the operations of every round by F: to try the bench out, not to quote from
  --help         print this`;

const RUNS = 5;
const QUICK_RUNS = 3;

function number(option: string, text: string, accepts: (value: number) => boolean, wanted: string): number {
  const value = Number(text);
  if (text.trim() === '' || !accepts(value))
    throw new UsageError(`Expected --${option} to be ${wanted}, got ${JSON.stringify(text)}`);
  return value;
}

/** npm runs a script in the folder of its package; paths are meant from where the command was typed. */
const fromHere = (path: string): string => resolve(process.env['INIT_CWD'] ?? '.', path);

function program(name: string): string {
  const path = /[\\/]/.test(name) ? fromHere(name) : name;
  if (spawnSync(path, ['--version']).status !== 0)
    throw new UsageError(`Expected --node to be a Node that runs, got ${JSON.stringify(name)}`);
  return path;
}

/** Rows by the beginning of their names, in the table's order. */
function select(filters: readonly string[], rows: readonly Row[]): readonly Row[] {
  for (const filter of filters) {
    if (filter === '' || !rows.some(({ id }) => id.startsWith(filter))) {
      throw new UsageError(
        `Expected the name of a row (${rows.map(({ id }) => id).join(', ')}), got ${JSON.stringify(filter)}`,
      );
    }
  }
  return filters.length === 0
    ? rows
    : rows.filter(({ id }) => filters.some((filter) => id.startsWith(filter)));
}

/** The rows with those of their contenders that are named, and without the rows that have none of them. */
function only(names: string | undefined, rows: readonly Row[]): readonly Row[] {
  if (names === undefined) return rows;
  const wanted = names.split(',');
  const known = new Set(rows.flatMap(({ contenders }) => contenders.map(({ id }) => id)));
  const unknown = wanted.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `Expected --only to name contenders (${[...known].join(', ')}), got ${JSON.stringify(unknown)}`,
    );
  }
  return rows
    .map((row) => ({ ...row, contenders: row.contenders.filter(({ id }) => wanted.includes(id)) }))
    .filter(({ contenders }) => contenders.length > 0);
}

/** Reads the command line. Throws a UsageError for what it does not understand. */
export function readOptions(argv: readonly string[], rows: readonly Row[]): Options {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        runs: { type: 'string' },
        only: { type: 'string' },
        scale: { type: 'string', default: '1' },
        json: { type: 'string' },
        node: { type: 'string', default: process.execPath },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  const runs = values.runs ?? `${values.quick ? QUICK_RUNS : RUNS}`;
  return {
    rows: only(values.only, select(positionals, rows)),
    runs: number(
      'runs',
      runs,
      (value) => Number.isInteger(value) && value >= 1,
      'a whole number from 1 and up',
    ),
    scale: number('scale', values.scale, (value) => value > 0 && value <= 1, 'a number above 0 and up to 1'),
    json: values.json === undefined ? undefined : fromHere(values.json),
    node: program(values.node),
    list: values.list,
    help: values.help,
  };
}
