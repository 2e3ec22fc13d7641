/** The process of one test file: `child.ts <file> [name filter]`. */
import { pathToFileURL } from 'node:url';
import { interrupt } from './deadline.ts';
import { describe } from './failure.ts';
import { activeHandles, newHandles } from './handles.ts';
import { loadHub } from './hub-access.ts';
import { filterTests, registrationProblem } from './registry.ts';
import { connectToRunner, send } from './report.ts';
import type { HubUse } from './workspace.ts';
import { currentTest, endFile, fileEnded, LateError, nearestTest } from './test-run.ts';

type SuiteRun = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

/** uvu hands its runs over through these globals, and runs them itself unless they are set before it is loaded. */
const uvu = globalThis as unknown as {
  UVU_DEFER: number;
  UVU_INDEX: number;
  UVU_QUEUE: [null, ...SuiteRun[]][];
};
uvu.UVU_DEFER = 1;
uvu.UVU_INDEX = 0;
uvu.UVU_QUEUE = [[null]];

/** How long a file may keep its process alive after its last test. */
const lingerMs = 2000;

const [file, filter = ''] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: child.ts <test file> [name filter]');

connectToRunner();
filterTests(filter);
// Opened now, so that a test that prints does not seem to open a pipe.
void process.stdout;
void process.stderr;

process.on('uncaughtException', (error, origin) => {
  const kind = origin === 'unhandledRejection' ? 'unhandled rejection' : 'late throw';
  const failure = describe(error, `${kind} ${nearestTest()}: `);
  const test = currentTest();
  if (test === null) send({ type: 'file', failure });
  else if (!interrupt(new LateError(failure))) test.fail(new LateError(failure));
});

let loopRanEmpty = false;
process.on('beforeExit', () => {
  loopRanEmpty = true;
});
process.on('exit', (code) => {
  if (fileEnded()) return;
  const reason = loopRanEmpty
    ? 'never settled: the event loop ran empty while the test was waiting'
    : `process.exit(${code}) was called during the test`;
  const test = currentTest();
  if (test !== null) test.abandoned(reason);
  else send({ type: 'file', failure: { message: reason.replace('the test', 'the file') } });
});

async function runFile(path: string, atStart = activeHandles()): Promise<void> {
  await loadHub((process.env['SWITCHYARD_TEST_HUB'] ?? 'no') as HubUse);
  await import(pathToFileURL(path).href);
  const problem = registrationProblem();
  if (problem !== null) send({ type: 'file', failure: { message: problem } });
  let tests = 0;
  const [, ...runs] = uvu.UVU_QUEUE[0] ?? [null];
  for (const run of runs) tests += (await run())[3];
  endFile();
  send({ type: 'end', tests });
  // A file that has cleaned up lets its process end by itself.
  setTimeout(() => {
    const open = newHandles(atStart).join(', ') || 'something';
    send({ type: 'file', failure: { message: `${open} kept the process alive after the last test` } });
    process.exit(1);
  }, lingerMs).unref();
}

runFile(file).catch((error: unknown) => {
  endFile();
  send({ type: 'file', failure: describe(error, 'could not be loaded: ') });
  process.exit(1);
});
