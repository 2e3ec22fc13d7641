import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { machineSeconds, ownSeconds } from '../src/noise.ts';

const test = suite('noise');

test('the machine is busy with user, nice, system and stolen time, not with waiting and interrupts', () => {
  // user nice system idle iowait irq softirq steal guest guest_nice
  const stat = 'cpu  1000 20 300 90000 500 60 70 80 0 0\ncpu0 500 10 150 45000 250 30 35 40 0 0\n';
  assert.is(machineSeconds(stat), 14);
});

test("a process's own time includes that of its children, whatever it is called", () => {
  const stat = '42 (a) b (c) S 1 42 42 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 1 0 5 1000 200';
  assert.is(ownSeconds(stat), 1.1);
});

test.run();
