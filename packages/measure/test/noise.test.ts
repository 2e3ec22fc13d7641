import { skip, suite } from '@switchyard/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { listen, machineSeconds } from '../src/noise.ts';
import { ticksOfTree } from '../src/process-tree.ts';

const test = suite('noise');

test('the machine is busy with user, nice, system and stolen time, not with waiting and interrupts', () => {
  // user nice system idle iowait irq softirq steal guest guest_nice
  const stat = 'cpu  1000 20 300 90000 500 60 70 80 0 0\ncpu0 500 10 150 45000 250 30 35 40 0 0\n';
  assert.is(machineSeconds(stat), 14);
});

test('what this process and its children compute is no load of others', async () => {
  if (process.platform !== 'linux') skip('the load of others is read from /proc');
  const COMPUTES =
    'process.stdout.write("x"); for (const end = performance.now() + 600; performance.now() < end; );';
  const child = spawn(process.execPath, ['-e', COMPUTES], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  const before = ticksOfTree();
  const heard = listen();
  // It still runs when we look: its time counts before anybody has waited for its end.
  for (const end = performance.now() + 300; performance.now() < end;);
  const own = ticksOfTree() - before;
  const others = heard();
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Half of it at least was this process's own, whatever share of a core it was given.
  assert.ok(own >= 0.1, `this process and its child have computed all the time, got ${own} s`);
  assert.type(others, 'number');
});

test.run();
