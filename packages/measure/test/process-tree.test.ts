import { skip, suite } from '@switchyard/testing';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { cpuOfChildren, cpuOfTree, memoryOfTree, pidsOfTree, usageOfTree } from '../src/process-tree.ts';

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

test('a tree is seen whole: its processes, their time, switches and memory', async () => {
  if (process.platform !== 'linux') skip('a tree of processes is read from /proc');
  const before = usageOfTree(true)!;
  const alone = memoryOfTree()!;
  const child = start(PASSES_ON);
  await compute(child);
  const pids = pidsOfTree(child.pid);
  assert.is(pids[0], child.pid);
  assert.is(pids.length, 2, `the child and its own: got ${pids.join()}`);
  assert.ok(pids.every((pid) => pidsOfTree().includes(pid)));
  const after = usageOfTree(true)!;
  const used = after.user + after.system - before.user - before.system;
  assert.ok(used >= 100, `100 ms were computed at least, got ${used}`);
  assert.ok(after.voluntary > before.voluntary);
  assert.ok(cpuOfTree(child.pid!)! >= 100);
  const all = memoryOfTree()!;
  assert.is(all.kind, alone.kind);
  const below = memoryOfTree(child.pid!)!;
  assert.ok(below.bytes > 10e6 && all.bytes > below.bytes, `${all.bytes} with, ${below.bytes} below`);
  await end(child);
  assert.equal(pidsOfTree(child.pid!), []);
  assert.is(cpuOfTree(child.pid!), 0);
});

test.run();
