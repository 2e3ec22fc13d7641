import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { digits, times, withUnit } from '../src/format.ts';

const test = suite('format');

test('three digits count', () => {
  assert.equal([0.4567, 4.567, 45.67, 456.7, 4567.8].map(digits), ['0.46', '4.57', '45.7', '457', '4,568']);
});

test('time is shown in the unit of its size', () => {
  const shown = [18.3, 1_300, 2_500_000, 3e9].map((value) => withUnit(value, 'time'));
  assert.equal(shown, ['18.3 ns', '1.30 us', '2.50 ms', '3.00 s']);
});

test('bytes are powers of ten, and what a task costs stays in bytes', () => {
  const shown = [226.4, 7_960, 238_000, 5_000_000, 1.1e9].map((value) => withUnit(value, 'bytes'));
  assert.equal(shown, ['226 B', '7,960 B', '238 KB', '5.00 MB', '1.10 GB']);
});

test('a heap that has become smaller has a sign', () => {
  assert.is(withUnit(-2_000_000, 'bytes'), '-2.00 MB');
});

test('a ratio has an x', () => {
  assert.is(times(3.456), '3.46x');
});

test.run();
