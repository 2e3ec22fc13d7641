import { suite } from '@switchyard/testing';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';

const test = suite('runner');
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const slow = { timeout: 60_000 };

interface Outcome {
  code: number | null;
  output: string;
  last: string;
}

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
      cwd: fixtures,
      env: { ...process.env, CI: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, last: output.trimEnd().split('\n').at(-1) ?? '' }));
  });
}

// All fixtures in one run of the runner: starting it anew for each would take most of the time.
let everything: Promise<Map<string, string>> | null = null;

/** What the runner prints of one fixture. */
async function section(name: string): Promise<string> {
  everything ??= runEverything();
  return (await everything).get(`${name}.test.ts`) ?? assert.unreachable(`${name} is not in the output`)!;
}

async function runEverything(): Promise<Map<string, string>> {
  const files = readdirSync(join(fixtures, 'runner')).map((name) => join('runner', name));
  const { output, code } = await run(files);
  assert.is(code, 1);
  const sections = output.split('\nFailed:')[0]!.split(/^(?=(?:ok  |FAIL) )/m);
  return new Map(sections.map((text) => [/([\w-]+\.test\.ts)/.exec(text)?.[1] ?? '', text]));
}

const expectations: Record<string, (RegExp | string)[]> = {
  zero: ['0 passed, 1 failed', 'registers no test'],
  'never-run': ['0 passed, 1 failed', 'never calls run() of suite "forgotten": 1 test is registered'],
  fails: [
    '1 passed, 2 failed',
    'x arithmetic > counts',
    '++··"sum":·5',
    "threw 'a string', which is not an Error",
  ],
  hang: [
    'x slow > keeps the loop busy\n      did not end within 100 ms',
    'the tests after "slow > keeps the loop busy"',
  ],
  blocked: ['x blocked > never gives the loop back', 'blocks the event loop: the process was killed'],
  'never-settles': [
    'x empty loop > waits for nothing',
    'the event loop ran empty while the test was waiting',
  ],
  'late-rejection': [
    '1 passed, 2 failed',
    'unhandled rejection during "late > forgets a promise": nobody caught this',
    'late throw during "late > throws later": thrown from a timer',
  ],
  'handle-leak': ['2 passed, 1 failed', /x handles > leaves a server\n {6}leaked .*TCPServerWrap/],
  hooks: [
    '0 passed, 2 failed',
    'before.each: no set-up today',
    'before hook of suite "before": no start today',
  ],
  exits: ['x exits > leaves early', 'process.exit(0) was called during the test'],
  unloadable: ['could not be loaded: broken on the way in'],
  'left-process': ['1 passed, 1 failed', 'left processes running', 'setTimeout(() => {}, 30_000)'],
  greenlets: [
    '4 passed, 6 failed',
    'x greenlets > must switch and does not\n      must switch, and did not',
    'x greenlets > must not switch and does\n      must not switch, and switched once',
    /x greenlets > leaks\n {6}leaked 1 greenlet, alive after the test\n.*the leaked one/,
    'unexpected greenlet error: nobody observed this',
    'expected 1 unobserved greenlet error, got 0',
    /x greenlets > waits for ever\n {6}LoopExit/,
  ],
};

for (const [name, expected] of Object.entries(expectations)) {
  test(`reports ${name}`, slow, async () => {
    const text = await section(name);
    assert.match(text, /^FAIL /);
    for (const part of expected) assert.match(text, part);
  });
}

test('passes what is fine, and says aloud what is skipped', slow, async () => {
  const { code, output, last } = await run(['runner/fine.test.ts']);
  assert.match(output, 'SKIPPED: fine > skipped: nothing to do here');
  assert.is(last, '3 passed, 0 failed, 1 skipped');
  assert.is(code, 0);
});

test('a skipped test is a failure where CI=true', slow, async () => {
  const { code, last } = await run(['runner/fine.test.ts'], { CI: 'true' });
  assert.is(last, '3 passed, 1 failed, 1 skipped');
  assert.is(code, 1);
});

test('--name chooses tests', slow, async () => {
  const { last } = await run(['runner/fine.test.ts', '--name', 'generator']);
  assert.is(last, '1 passed, 0 failed');
});

test('a name and a path that match nothing are failures', slow, async () => {
  const name = await run(['runner/fine.test.ts', '--name', 'no such test']);
  assert.match(name.output, 'no test has a name that contains "no such test"');
  assert.is(name.last, '0 passed, 1 failed');
  assert.is(name.code, 1);
  const path = await run(['no-such-file']);
  assert.match(path.output, 'no test file matches: no-such-file');
  assert.is(path.last, '0 passed, 1 failed');
  assert.is(path.code, 1);
});

test('examples and README programs are run and compared', slow, async () => {
  const { output, last } = await run(['examples/examples.test.ts', 'examples/readme.test.ts']);
  assert.match(output, 'x examples > wrong.ts\n      wrong.ts did not print what it says (exactly):');
  assert.match(output, 'x examples > silent.ts\n      an example ends with a comment "// Output:"');
  assert.match(output, 'x examples > crashes.ts\n      crashes.ts ended with exit code 1 instead of 0');
  assert.match(output, 'x readme > line 20\n      readme.md line 20 did not print what it says');
  assert.match(output, 'x readme > line 26\n      readme.md line 26 ended with exit code 1 instead of 0');
  assert.match(output, '@switchyard/no-such-package');
  assert.is(last, '5 passed, 5 failed');
});

test('programs of pages share a process, and what ends it is held against one alone', slow, async () => {
  const { output, last } = await run(['examples/pages.test.ts']);
  assert.match(output, 'x docs > first.md line 11\n      first.md line 11 did not print what it says');
  assert.match(
    output,
    'x docs > first.md line 18\n      first.md line 18 ended with exit code 1 instead of 0',
  );
  assert.match(output, 'Error: ends the process');
  assert.match(
    output,
    'x docs > second.md line 19\n      second.md line 19 ended with exit code 13 instead of 0',
  );
  assert.is(last, '3 passed, 3 failed');
});

test.run();
