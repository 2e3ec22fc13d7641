/** Processes that are killed at random moments: nothing hangs, and nothing is left of them. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { soak, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

const test = suite('kill');
/** What is gone soon, but not at once, may take so long, in milliseconds. */
const PATIENCE = 10_000;

interface Program {
  readonly pid: number;
  /** Called for each line that it prints. */
  onLine(line: string): void;
  readonly ended: Promise<{ code: number | null; stderr: string; lines: string[] }>;
}

function start(...args: (number | string)[]): Program {
  const path = fileURLToPath(new URL('./chaos-program.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stderr = '';
  let rest = '';
  const program: Program = {
    pid: child.pid as number,
    onLine() {},
    ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr, lines }))),
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    for (const line of parts) {
      lines.push(line);
      program.onLine(line);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return program;
}

const pidsOf = (lines: readonly string[]): number[] =>
  lines.flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []));

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // One that has ended may wait for its parent to hear of it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** What is left of a program, once its processes have had time to end. */
async function leftOf(program: Program, pids: readonly number[]): Promise<string[]> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const left = [...pids.filter(lives).map((pid) => `process ${pid}`), ...namesOf([program.pid, ...pids])];
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The files and sockets that are named after one of these processes. */
function namesOf(pids: readonly number[]): string[] {
  const named = (name: string): boolean =>
    pids.some((pid) => new RegExp(`switchyard[a-z-]*-${pid}-`).test(name));
  const files = ['/dev/shm', tmpdir()].flatMap((directory) =>
    existsSync(directory) ? readdirSync(directory).filter(named) : [],
  );
  const sockets = existsSync('/proc/net/unix')
    ? readFileSync('/proc/net/unix', 'utf8').split('\n').filter(named)
    : [];
  return [...files, ...sockets];
}

const kills = soak(100);

test(`${kills} workers, and holders of locks among them`, { timeout: 60_000 + kills * 1000 }, async () => {
  const program = start(kills, 20_26);
  const { code, stderr, lines } = await program.ended;
  assert.is(stderr, '');
  assert.is(lines.at(-1), 'done');
  assert.is(code, 0);
  const { killed, entered, worked } = JSON.parse(lines.at(-2) as string) as Record<string, number>;
  assert.ok((killed as number) >= kills, `${killed} were killed`);
  assert.is(entered, killed, 'after each the lock could be had');
  assert.ok((worked as number) > 0);
  const pids = pidsOf(lines);
  assert.ok(pids.length > kills);
  assert.equal(await leftOf(program, pids), []);
});

const rounds = soak(5);

test(`the parent of all, ${rounds} times`, { timeout: 60_000 + rounds * 10_000 }, async () => {
  for (let round = 0; round < rounds; round++) {
    const program = start(1000, round, 2);
    // While they start, or while they work.
    await new Promise<void>((resolve) => {
      let left = 1 + (round % 4);
      program.onLine = () => {
        if (--left === 0) resolve();
      };
      void program.ended.then(() => resolve());
    });
    process.kill(program.pid, 'SIGKILL');
    const { lines } = await program.ended;
    assert.equal(await leftOf(program, pidsOf(lines)), [], `round ${round}`);
  }
});

test.run();
