import { skip, suite } from '@switchyard/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { cpuOfChildren } from '../src/process-tree.ts';

const test = suite('process tree');

// Computes for a while whenever it is told to, and says then how much CPU time, in nanoseconds, all of that has taken it.
const COMPUTES = `
  const burn = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };
  const said = () => { const { user, system } = process.cpuUsage(); return (user + system) * 1000; };
  process.stdin.on('data', () => { burn(100); process.stdout.write(said() + '\\n'); });
`;
// The same in a child of its own.
const PASSES_ON = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(COMPUTES)}]);
  process.stdin.pipe(child.stdin);
  child.stdout.pipe(process.stdout);
`;

const start = (program: string): ChildProcess =>
  spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });

async function compute(child: ChildProcess): Promise<number> {
  const said = once(child.stdout!, 'data');
  child.stdin!.write('go');
  return Number(String((await said)[0]));
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin!.end();
  await ended;
}

// What has ended is told in ticks of 10 ms, user and system each.
const TICKS = 20_000_000;

async function counts(program: string): Promise<void> {
  if (process.platform !== 'linux') skip('CPU time of child processes is read from /proc');
  const before = cpuOfChildren();
  const child = start(program);
  const first = await compute(child);
  const alive = cpuOfChildren() - before;
  assert.ok(alive >= first * 0.9, `${first} ns of a child that lives, got ${alive}`);
  const second = await compute(child);
  await end(child);
  const ended = cpuOfChildren() - before;
  assert.ok(ended >= second * 0.9 - TICKS, `${second} ns of a child that has ended, got ${ended}`);
}

test('what a child has computed is counted, while it lives and when it has ended', () => counts(COMPUTES));

test('so is what the child of a child has computed', () => counts(PASSES_ON));

test.run();
