/** When the program ends, and what of its processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

const test = suite('exit');
const long = { timeout: 60_000 };

class Program {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly closed: Promise<{ code: number | null; stdout: string; stderr: string }>;
  private heard = (): void => {};

  constructor(file: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`programs/${file}`, import.meta.url));
    this.child = spawn(process.execPath, [...process.execArgv, path, ...args]);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.heard();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.closed = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** So many numbers that it has printed, a line each. */
  async numbers(count: number): Promise<number[]> {
    for (;;) {
      const lines = this.stdout.split('\n').slice(0, -1);
      if (lines.length >= count) return lines.map(Number);
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }
}

const story = (name: string): Program => new Program('exit-program.ts', name);

async function goneAll(pids: number[]): Promise<void> {
  for (const pid of pids) {
    assert.ok(pid > 1, `${pid}`);
    while (isRunning(pid)) await later(20);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where nobody collects it, one that is dead is still listed.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

test('main waits for its children, and they for theirs, but not for daemons', long, async () => {
  const { code, stdout, stderr } = await story('waited').closed;
  assert.is(stderr, '');
  assert.is(stdout, 'end of main\nend of child\nend of grandchild\n');
  assert.is(code, 0);
});

test('whoever joins a daemon has the program wait for it', long, async () => {
  const { stdout } = await story('joinedDaemon').closed;
  assert.is(stdout, 'end of daemon\nend of main\n');
});

test('what a process prints is complete and in order', long, async () => {
  const { stdout, stderr } = await story('printed').closed;
  assert.equal(stdout.split('\n'), [...Array.from({ length: 2000 }, (_, n) => `line ${n}`), '']);
  assert.is(stderr, 'end of chatter\n');
});

test('an error is printed with the name and the stack, and main goes on', long, async () => {
  const { code, stderr } = await story('failing').closed;
  assert.match(stderr, /^Process arm:\nRangeError: out of reach\n {4}at fail/);
  assert.is(code, 0);
});

test('a pool that was not closed keeps nothing alive, and its workers end', long, async () => {
  const { code, stdout, stderr } = await story('pool').closed;
  assert.is(stderr, '');
  assert.is(code, 0);
  const lines = stdout.trim().split('\n');
  assert.is(lines.pop(), '[ 1, 2, 3 ]');
  await goneAll([...new Set(lines.map(Number))]);
});

for (const [name, expected] of [
  ['ends', 0],
  ['exits', 3],
  ['throws', 1],
] as const) {
  test(`daemons end with a program that ${name}, also one in an endless loop`, long, async () => {
    const program = story(name);
    const pids = await program.numbers(2);
    program.child.stdin?.end('go on\n');
    const { code, stderr } = await program.closed;
    assert.is(code, expected, stderr);
    await goneAll(pids);
  });
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`nothing is left of a family whose head is ended by ${signal}`, long, async () => {
    const program = story('killed');
    const pids = await program.numbers(4);
    program.child.kill(signal);
    await program.closed;
    await goneAll(pids);
  });
}

test('M16: without the guard there is one error that says what to write, and no storm', long, async () => {
  const { code, stdout, stderr } = await new Program('unguarded-program.ts').closed;
  assert.is(stderr.match(/BootstrapError/g)?.length, 1, stderr);
  assert.match(stderr, /^Process first:\nBootstrapError: A process was started/);
  assert.match(stderr, 'if (isMain(import.meta))');
  assert.is(stdout, 'end of main 1\n');
  assert.is(code, 1);
});

test('M16: a pool without the guard', long, async () => {
  const { code, stderr } = await new Program('unguarded-pool.ts').closed;
  assert.match(stderr, /BootstrapError: A Pool was made while a worker was importing/);
  assert.is(code, 1);
});

test.run();
