import { suite } from '@switchyard/testing';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { repoRoot } from '../src/workspace.ts';

const test = suite('lint');
const folder = fileURLToPath(new URL('../fixtures/lint/', import.meta.url));

/** What the linter reports in a fixture, as `line rule`, with the rules of the repository. */
function reported(file: string): string[] {
  const linter = join(repoRoot, 'node_modules/oxlint/bin/oxlint');
  const args = [linter, '-f', 'json', '-c', join(folder, 'oxlint.json'), join(folder, file)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: repoRoot, encoding: 'utf8' });
  assert.match(stdout, '"diagnostics"', stderr);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; labels: { span: { line: number } }[] }[];
  };
  return diagnostics
    .map(({ code, labels }) => `${labels[0]?.span.line} ${code}`)
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

function marked(file: string, mark: string): number[] {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => (line.includes(mark) ? [index + 1] : []));
}

test('a forgotten yield* is reported, and nothing else', { timeout: 30_000 }, () => {
  const forgotten = marked('waitables.ts', '// FORGOTTEN');
  assert.is(forgotten.length, 5);
  assert.equal(
    reported('waitables.ts'),
    forgotten.map((line) => `${line} typescript(no-floating-promises)`),
  );
});

test('files that import each other in a circle are reported', { timeout: 30_000 }, () => {
  assert.equal(reported('circle-a.ts'), ['1 import(no-cycle)']);
});

test('any on an exported API is reported', { timeout: 30_000 }, () => {
  assert.equal(reported('any.ts'), ['1 typescript(no-explicit-any)']);
});

test.run();
