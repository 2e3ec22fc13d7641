import { writeFile } from 'node:fs/promises';
import { analyse } from '../compare/analysis/analyse.ts';
import { checkRanking } from '../compare/analysis/check.ts';
import { htmlReport } from '../compare/report/html.ts';
import { textReport } from '../compare/report/text.ts';
import type { Comparison } from '../compare/result.ts';
import { colorsFor } from './colors.ts';
import type { RawCompareOptions } from './compare-command.ts';
import { ComparisonProgress } from './compare-progress.ts';
import { onInterrupt } from './interrupt.ts';
import { EXIT } from './usage-error.ts';

const WIDTH = 100;

/** What of the options is the same whatever is compared. */
type Shown = Pick<RawCompareOptions, 'check' | 'color' | 'html' | 'json' | 'quiet' | 'seed'>;

/** Makes a comparison; when it is told to stop, gives what there is by then. */
export type Make = (
  seed: number,
  signal: AbortSignal,
  progress: ComparisonProgress | undefined,
) => Promise<Comparison>;

/** Makes a comparison, and shows and writes what it found. @returns the exit code */
export async function compareAndShow(raw: Shown, make: Make): Promise<number> {
  const colors = colorsFor(raw.color);
  const abort = new AbortController();
  const progress = raw.quiet ? undefined : new ComparisonProgress(colors);
  const interrupted = onInterrupt((_code, name) => {
    progress?.say(`${name}: stopping; what there is by now follows. Once more to quit at once`);
    abort.abort();
  });
  try {
    const first = await make(raw.seed, abort.signal, progress);
    progress?.stop();
    await show(first, raw);
    const done = interrupted.code ?? (await check(first, raw, make, abort.signal));
    return interrupted.code ?? done;
  } finally {
    progress?.stop();
    interrupted.off();
  }
}

async function show(comparison: Comparison, raw: Shown): Promise<void> {
  const analysis = analyse(comparison);
  if (raw.json !== undefined) await writeFile(raw.json, `${JSON.stringify(comparison)}\n`);
  if (!raw.quiet) {
    const options = { color: inColor(raw.color), width: process.stdout.columns ?? WIDTH };
    process.stdout.write(`${textReport(comparison, analysis, options)}\n`);
  }
  if (raw.html !== undefined) await writeFile(raw.html, htmlReport(comparison, analysis));
}

/** Whether standard output is to be painted. */
export function inColor(wanted: boolean): boolean {
  return wanted && process.stdout.isTTY && colorsFor(true).isColorSupported;
}

/** With `--check`, once more in another order. @returns the exit code: that of an error when the ranking is another one */
async function check(first: Comparison, raw: Shown, make: Make, signal: AbortSignal): Promise<number> {
  if (!raw.check) return EXIT.ok;
  const progress = raw.quiet ? undefined : new ComparisonProgress(colorsFor(raw.color));
  try {
    const second = await make(raw.seed + 1, signal, progress);
    progress?.stop();
    if (signal.aborted) return EXIT.ok;
    const { holds, text } = checkRanking(first, second);
    process.stdout.write(`\n${text}\n`);
    return holds ? EXIT.ok : EXIT.error;
  } finally {
    progress?.stop();
  }
}

/** The command line, as it would be typed. */
export function commandLine(): string {
  return ['switchyard', ...process.argv.slice(2).map(quoted)].join(' ');
}

/** As a shell wants it. */
export function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, `'\\''`)}'`;
}
