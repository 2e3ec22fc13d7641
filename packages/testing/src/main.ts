/**
 * The test runner.
 *
 *   node --import tsx packages/testing/src/main.ts [package, file, or part of a path]... [--name text] [--jobs n]
 *
 * With `--packed`, once the tests have passed from the sources, the packages are packed and installed in an empty
 * folder, and each is tried there by itself. With `--only-packed` nothing runs from the sources: the packages are tried, and
 * all tests run against what was installed.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findTestFiles, NoTestFilesError } from './find-files.ts';
import { installPacked, tryPacked } from './packed.ts';
import { addTotals, printFile, summary, type Totals } from './print.ts';
import { runAll, total, type RunAllOptions } from './run-all.ts';
import { killAll } from './run-file.ts';
import { publicWorkspaces, StagingError, temporaryFolder } from './staging.ts';
import { packageOf } from './workspace.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', short: 't', default: '' },
    jobs: { type: 'string', short: 'j', default: '2' },
    output: { type: 'boolean', default: false },
    packed: { type: 'boolean', default: false },
    'only-packed': { type: 'boolean', default: false },
  },
});

const temporary: string[] = [];

function cleanUp(): void {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    cleanUp();
    process.exit(130);
  });
}

async function main(): Promise<Totals> {
  const files = findTestFiles(positionals);
  const options: RunAllOptions = {
    name: values.name,
    jobs: Math.max(1, Number(values.jobs) || 1),
    showOutput: values.output || files.length === 1,
    nodeArguments: ['--conditions=@switchyard/source', '--import', import.meta.resolve('tsx')],
  };
  if (values['only-packed']) return packedPass(files, options);
  const fromSources = await runAll(files, options);
  return values.packed ? addTotals(fromSources, await packedPass(files, null)) : fromSources;
}

/** @param again how the tests run against what was installed; null where trying each package is enough */
async function packedPass(files: readonly string[], again: RunAllOptions | null): Promise<Totals> {
  console.log('\nAgainst what is packed:');
  const homes = new Map(files.map((file) => [file, packageOf(file)?.name ?? '']));
  const packages = publicWorkspaces(positionals.length === 0 ? null : new Set(homes.values()));
  const folder = temporaryFolder();
  temporary.push(folder);
  let app: string;
  try {
    app = await installPacked(folder, packages);
  } catch (error) {
    if (!(error instanceof StagingError)) throw error;
    console.log(error.message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const tried = await tryPacked(app, packages);
  for (const result of tried) printFile(result, false);
  if (again === null) return total(tried, '');
  // The children of the tests, and theirs, find the installation through the environment.
  process.env['SWITCHYARD_PACKED'] = app;
  const hook = new URL('./packed-resolve.mjs', import.meta.url).href;
  const nodeArguments = ['--import', import.meta.resolve('tsx'), '--import', hook];
  const published = files.filter((file) => packages.some(({ name }) => name === homes.get(file)));
  return addTotals(total(tried, ''), await runAll(published, { ...again, nodeArguments }));
}

let totals: Totals;
try {
  totals = await main();
} catch (error) {
  if (!(error instanceof NoTestFilesError)) throw error;
  console.error(error.message);
  totals = { passed: 0, failed: 1, skipped: 0 };
} finally {
  cleanUp();
}
console.log(summary(totals));
if (totals.failed > 0) process.exitCode = 1;
