/** When the process ends, and what of its threads. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

const test = suite('exit');
const long = { timeout: 60_000 };

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

function program(file: string, ...args: string[]): Promise<Outcome> {
  const start = performance.now();
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { code: null, stdout: '', stderr: '', ms: 0 };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ...outcome, code, ms: performance.now() - start }));
  });
}

const story = (name: string): Promise<Outcome> => program('./exit-program.ts', name);

test('T05: the process waits for a thread that is no daemon', long, async () => {
  const { code, stdout, stderr } = await story('waited');
  assert.is(stderr, '');
  assert.is(stdout, 'end of main\nend of thread\n');
  assert.is(code, 0);
});

test('a daemon ends with the process', long, async () => {
  const { code, stdout, ms } = await story('daemon');
  assert.is(stdout, 'end of main\n');
  assert.is(code, 0);
  assert.ok(ms < 15_000, `${ms} ms`);
});

test('whoever joins a daemon has the process wait for it', long, async () => {
  const { stdout } = await story('joinedDaemon');
  assert.is(stdout, 'end of daemon\nend of main\n');
});

test('workers that are kept for the next thread do not keep the process', long, async () => {
  const { code, stdout } = await story('spares');
  assert.is(stdout, 'spoken\nspoken\nspoken\n');
  assert.is(code, 0);
});

test('what a thread prints in its last moment is not lost', long, async () => {
  const { stdout } = await story('printed');
  assert.is(stdout.split('\n').length, 501);
});

test('T07: an error in a thread is printed with its name and stack, and main goes on', long, async () => {
  const { code, stderr } = await story('failing');
  assert.match(stderr, /^Exception in thread arm:\nRangeError: out of reach\n {4}at fail/);
  assert.is(code, 0);
});

test('a thread that a thread has started is waited for, too', long, async () => {
  const { stdout, stderr } = await story('grandchild');
  assert.is(stderr, '');
  assert.is(stdout, 'end of grandchild\n');
});

test('a timer keeps the process until it has rung, one that is a daemon does not', long, async () => {
  const { stdout, ms } = await story('timer');
  assert.is(stdout, 'rung\n');
  assert.ok(ms < 15_000, `${ms} ms`);
});

test('a lock that nobody can ever release is told as a LoopExit', long, async () => {
  const { code, stderr } = await story('deadlock');
  assert.match(stderr, 'LoopExit: This would wait for ever');
  assert.match(stderr, 'Lock.acquire');
  assert.is(code, 1);
});

test('a wait for a thread that itself waits keeps the process', long, async () => {
  const { stdout } = await story('threadWaits');
  assert.is(stdout, 'woken\n');
});

test('M16: without the guard there is one error that says what to write, and no storm', long, async () => {
  const { code, stdout, stderr } = await program('./unguarded-program.ts');
  assert.is(stderr.match(/BootstrapError/g)?.length, 1, stderr);
  assert.match(stderr, 'if (isMain(import.meta))');
  assert.is(stdout, 'end of main\n');
  assert.is(code, 1);
});

test.run();
