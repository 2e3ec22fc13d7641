/** When a program with a pool ends, and what of its tasks. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { threadSuite } from './future-support.ts';

const test = threadSuite('the end of a program with a ThreadPoolExecutor');

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function program(file: string, args: string[] = [], node: string[] = []): Promise<Outcome> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, ...node, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ...outcome, code }));
  });
}

async function prints(story: string, stdout: string, code = 0): Promise<string> {
  const outcome = await program('./exit-program.ts', [story]);
  assert.is(outcome.stdout, stdout, outcome.stderr);
  assert.is(outcome.code, code, outcome.stderr);
  return outcome.stderr;
}

test('a pool that was not shut down lets the program end, used or not', async () => {
  assert.equal(await Promise.all([prints('leftOpen', 'one\ntwo\n'), prints('neverUsed', '')]), ['', '']);
});

test('tasks that were submitted run to their end, also after main and a shutdown that nobody waits for', async () => {
  assert.equal(
    await Promise.all([
      prints('pending', 'end of main\none\ntwo\nthree\n'),
      prints('shutDown', 'end of main\none\n'),
    ]),
    ['', ''],
  );
});

test('an error that nobody asked for is printed when the program ends, one that somebody did is not', async () => {
  const [unretrieved, retrieved] = await Promise.all([
    prints('unretrieved', 'one\n'),
    prints('retrieved', 'RangeError: out of reach\n'),
  ]);
  assert.match(
    unretrieved,
    /^A task failed: UnretrievedError: task fail failed, and nobody ever asked for its result/,
  );
  assert.match(unretrieved, 'RangeError: out of reach');
  assert.is(retrieved, '');
});

test('process.exit, or an error of main, does not wait for what runs', async () => {
  const [, thrown] = await Promise.all([prints('exits', '', 4), prints('throws', '', 1)]);
  assert.match(thrown!, 'RangeError: of main');
});

test('a pool whose workers never come up breaks, instead of starting one after the other', async () => {
  const preload = fileURLToPath(new URL('./no-workers.cjs', import.meta.url));
  const outcome = await program('./exit-program.ts', ['startsNoWorker'], ['--require', preload]);
  const lines = outcome.stdout.trim().split('\n');
  assert.is(lines.length, 4, outcome.stdout + outcome.stderr);
  for (const line of lines.slice(0, 3)) {
    assert.match(line, 'BrokenExecutor: no worker of mill comes up: the last one exited with code 6');
  }
  assert.is(lines[3], 'refused: BrokenExecutor');
  assert.is(outcome.code, 0);
});

test('M16: a program without a guard ends with one error that says what is missing', async () => {
  const { code, stdout, stderr } = await program('./unguarded-program.ts');
  assert.is(stdout, '');
  assert.is(code, 1);
  assert.match(stderr, 'isMain(import.meta)');
  assert.is(stderr.split('A ThreadPoolExecutor was made').length, 2, stderr);
});

test.run();
