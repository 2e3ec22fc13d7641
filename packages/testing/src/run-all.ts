/** Runs test files, a few at a time, and adds up what they say. */
import { printFailed, printFile, type Totals } from './print.ts';
import { runFile, type FileResult, type RunOptions } from './run-file.ts';

export interface RunAllOptions extends RunOptions {
  jobs: number;
  showOutput: boolean;
}

export async function runAll(files: readonly string[], options: RunAllOptions): Promise<Totals> {
  const waiting = [...files];
  const results: FileResult[] = [];
  async function worker(): Promise<void> {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, options);
      results.push(result);
      // With a name filter most files have nothing to run, which is not worth a line.
      if (result.ran || options.name === '' || result.failures.length > 0)
        printFile(result, options.showOutput);
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.jobs, files.length) }, worker));
  printFailed(results);
  return total(results, options.name);
}

export function total(results: readonly FileResult[], name: string): Totals {
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failures, skips } of results) {
    totals.passed += passed;
    totals.failed += failures.length;
    totals.skipped += skips.length;
  }
  if (name !== '' && results.length > 0 && !results.some((result) => result.ran)) {
    console.log(`no test has a name that contains "${name}"`);
    totals.failed++;
  }
  if (process.env['CI'] === 'true' && totals.skipped > 0) {
    console.log(`CI=true: ${totals.skipped} skipped test(s) count as failed`);
    totals.failed += totals.skipped;
  }
  return totals;
}
