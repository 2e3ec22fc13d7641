/**
 * The test runner.
 *
 *   node --import tsx packages/testing/src/main.ts [package, file, or part of a path]... [--name text] [--jobs n]
 */
import { parseArgs } from 'node:util';
import { findTestFiles, NoTestFilesError } from './find-files.ts';
import { summary, type Totals } from './print.ts';
import { runAll } from './run-all.ts';
import { killAll } from './run-file.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', short: 't', default: '' },
    jobs: { type: 'string', short: 'j', default: '2' },
    output: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}

const sourceArguments = ['--conditions=@switchyard/source', '--import', import.meta.resolve('tsx')];

async function main(): Promise<Totals> {
  const files = findTestFiles(positionals);
  return runAll(files, {
    name: values.name,
    jobs: Math.max(1, Number(values.jobs) || 1),
    showOutput: values.output || files.length === 1,
    nodeArguments: sourceArguments,
  });
}

let totals: Totals;
try {
  totals = await main();
} catch (error) {
  if (!(error instanceof NoTestFilesError)) throw error;
  console.error(error.message);
  totals = { passed: 0, failed: 1, skipped: 0 };
}
console.log(summary(totals));
if (totals.failed > 0) process.exitCode = 1;
