/** When a program that uses locks and queues ends, and what is left of it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

const test = suite('end of programs');
const timeout = 60_000;

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function story(name: string): Promise<Outcome> {
  const path = fileURLToPath(new URL('./sync-program.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...outcome, code })));
}

test('one that has used everything ends by itself', { timeout }, async () => {
  assert.equal(await story('uses'), { code: 0, stdout: 'used\n', stderr: '' });
});

test(
  'what was put last is not lost when it ends, also in a child that ends at once',
  { timeout },
  async () => {
    assert.equal(await story('puts'), { code: 0, stdout: '1000 items, 16777216 bytes\n', stderr: '' });
  },
);

test('a child that waits for ever ends with its parent', { timeout }, async () => {
  assert.equal(await story('leaves'), { code: 0, stdout: 'left\n', stderr: '' });
});

test('a lock that a child has made dies with it, and that is said', { timeout }, async () => {
  const { code, stdout } = await story('orphan');
  assert.is(code, 0);
  // That it has ended may be seen as it hangs up.
  assert.match(
    stdout,
    /^(Runtime|Authentication)Error: the (process that keeps .* has ended|other side has hung up)/,
  );
});

test.run();
