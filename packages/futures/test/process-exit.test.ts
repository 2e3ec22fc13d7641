/** When a program with a ProcessPoolExecutor ends, and that no worker outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { comesAbout, isAlive, threadSuite } from './future-support.ts';

const test = threadSuite('the end of a program with a ProcessPoolExecutor');

interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

interface Program {
  child: ChildProcess;
  outcome: Outcome;
  ended: Promise<Outcome>;
}

function start(file: string, ...args: string[]): Program {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  const outcome: Outcome = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (code, signal) => resolve(Object.assign(outcome, { code, signal })));
  });
  return { child, outcome, ended };
}

/** Waits until all processes that a program has named are gone. */
async function noneLeft(stdout: string): Promise<void> {
  const pids = (stdout.match(/^\d+(?: \d+)*$/gm) ?? []).flatMap((line) => line.split(' ').map(Number));
  assert.ok(pids.length > 0, stdout);
  await comesAbout(() => !pids.some(isAlive));
}

/** Runs a program whose first line names its worker; gives what it prints on stderr. */
async function prints(story: string, rest: string, code = 0): Promise<string> {
  const outcome = await start('./process-exit-program.ts', story).ended;
  assert.is(outcome.stdout.replace(/^.*\n/, ''), rest, outcome.stderr);
  assert.is(outcome.code, code, outcome.stderr);
  if (story !== 'neverUsed') await noneLeft(outcome.stdout);
  return outcome.stderr;
}

test('a pool that was not shut down lets the program end, used or not', async () => {
  assert.equal(await Promise.all([prints('leftOpen', 'one\n'), prints('neverUsed', '')]), ['', '']);
});

test('tasks that were submitted run to their end after a shutdown that nobody waits for; a lost error is told', async () => {
  const [pending, unretrieved] = await Promise.all([
    prints('pending', 'end of main\none\ntwo\n'),
    prints('unretrieved', 'one\n'),
  ]);
  assert.is(pending, '');
  assert.match(unretrieved, /^A task failed: UnretrievedError: task fail failed, and nobody ever asked/);
});

test('process.exit, or an error of main, does not wait for what runs, and ends it', async () => {
  const [, thrown] = await Promise.all([prints('exits', '', 4), prints('throws', '', 1)]);
  assert.match(thrown!, 'RangeError: of main');
});

test('a program that is killed takes its workers along, those that compute and those that have nothing to do', async () => {
  const programs = ['SIGKILL', 'SIGTERM'].map((signal) => ({
    signal: signal as NodeJS.Signals,
    program: start('./process-exit-program.ts', 'waits'),
  }));
  for (const { signal, program } of programs) {
    await comesAbout(() => program.outcome.stdout.includes('ready') || program.outcome.code !== null);
    program.child.kill(signal);
  }
  for (const { signal, program } of programs) {
    const outcome = await program.ended;
    assert.is(outcome.signal, signal, outcome.stderr);
    await noneLeft(outcome.stdout);
  }
});

test('the children of workers end with them', async () => {
  const outcome = await start('./process-exit-program.ts', 'childOfWorker').ended;
  assert.is(outcome.code, 0, outcome.stderr);
  assert.is(outcome.stdout.trim().split(' ').length, 2, outcome.stdout);
  await noneLeft(outcome.stdout);
});

test('M16: a program without a guard ends with one error that says what is missing', async () => {
  const { code, stdout, stderr } = await start('./process-unguarded-program.ts').ended;
  assert.is(stdout, '');
  assert.is(code, 1);
  assert.match(stderr, 'isMain(import.meta)');
  assert.is(stderr.split('A ProcessPoolExecutor was made').length, 2, stderr);
});

test.run();
