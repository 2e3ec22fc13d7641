/**
 * `npm run check`: what the compiler and the linter do not see by themselves.
 *
 * Types of sources and of tests, the rules of the house (floors, dependencies, references), and the shape of the
 * packages as they would be published.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { houseProblems } from './house-check.ts';
import { lockProblems } from './lock-file.ts';
import {
  command,
  packInto,
  publicWorkspaces,
  StagingError,
  temporaryFolder,
  type Tarball,
} from './staging.ts';
import { repoRoot } from './workspace.ts';

let passed = 0;
let failed = 0;

async function check(name: string, run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
    passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    if (!(error instanceof StagingError)) throw error;
    failed++;
    console.log(`FAIL  ${name}\n${error.message.trim().replace(/^/gm, '      ')}`);
  }
}

const bin = (name: string): string => join(repoRoot, 'node_modules', '.bin', name);

await check('types of sources', async () => void (await command(bin('tsc'), ['-b', 'packages'], repoRoot)));
await check('types of tests and examples', async () => {
  await command(bin('tsc'), ['-p', 'packages/tsconfig.test.json'], repoRoot);
});
// What runs in a page sees the DOM and no Node: a project of its own.
await check('types of the page of the report', async () => {
  await command(bin('tsc'), ['-p', 'apps/crawler/src/compare/report/client'], repoRoot);
});
function none(problems: readonly string[]): void {
  if (problems.length > 0) throw new StagingError(problems.join('\n'));
}

await check('floors, dependencies, references', () => none(houseProblems(repoRoot)));
await check('lock file', () => none(lockProblems()));

const folder = temporaryFolder();
try {
  let tarballs: Tarball[] = [];
  await check('published packages can be built', async () => {
    tarballs = await packInto(folder, publicWorkspaces());
  });
  for (const { workspace, file } of tarballs) {
    await check(
      `publint ${workspace.name}`,
      async () => void (await command(bin('publint'), ['--strict', file], repoRoot)),
    );
    // A package that is only a command has no types to resolve.
    if (workspace.manifest.exports === undefined) continue;
    await check(`attw ${workspace.name}`, async () => {
      await command(bin('attw'), [file, '--profile', 'esm-only', '--no-emoji'], repoRoot);
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
