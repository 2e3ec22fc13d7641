/** What the runner writes on the terminal. */
import { styleText } from 'node:util';
import type { FileResult } from './run-file.ts';
import { relativePath } from './workspace.ts';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

type Style = Parameters<typeof styleText>[0];

function paint(style: Style, text: string): string {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? styleText(style, text) : text;
}

/** One line for the file, then its failures; what it printed only where that may explain something. */
export function printFile(result: FileResult, showOutput: boolean): void {
  const failed = result.failures.length;
  const counts = [`${result.passed} passed`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (result.skips.length > 0) counts.push(`${result.skips.length} skipped`);
  const mark = failed > 0 ? paint('red', 'FAIL') : paint('green', 'ok  ');
  console.log(`${mark} ${relativePath(result.file)}  ${counts.join(', ')}  (${Math.round(result.ms)} ms)`);
  for (const { name, reason } of result.skips) console.log(paint('yellow', `SKIPPED: ${name}: ${reason}`));
  for (const { name, failure } of result.failures) {
    console.log(`  ${paint('red', 'x')} ${paint('bold', name ?? relativePath(result.file))}`);
    console.log(indent(failure.message, 6));
    if (failure.details) console.log(indent(failure.details, 8));
    if (failure.stack) console.log(paint('gray', indent(failure.stack, 6)));
  }
  if ((failed > 0 || showOutput) && result.output.trim() !== '') {
    console.log(paint('gray', '  --- output of the file'));
    console.log(indent(result.output.trimEnd(), 4));
    console.log(paint('gray', '  ---'));
  }
}

export function printFailed(results: readonly FileResult[]): void {
  const failed = results.filter((result) => result.failures.length > 0);
  if (failed.length === 0 || results.length === 1) return;
  console.log('\nFailed:');
  for (const result of failed) {
    for (const { name } of result.failures)
      console.log(`  ${relativePath(result.file)}${name ? `: ${name}` : ''}`);
  }
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The closing line. */
export function summary({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function indent(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns));
}
