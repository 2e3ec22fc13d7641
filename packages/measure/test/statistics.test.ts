import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { median, ratio, summarize } from '../src/statistics.ts';

const test = suite('statistics');

test('the median is the middle value, whatever the order', () => {
  assert.is(median([9, 1, 5]), 5);
});

test('the median of an even count is the mean of the two in the middle', () => {
  assert.is(median([4, 1, 3, 100]), 3.5);
});

test('the median leaves the values in the order of the runs', () => {
  const values = [3, 1, 2];
  median(values);
  assert.equal(values, [3, 1, 2]);
});

test('there is no median of nothing', () => {
  assert.throws(() => median([]), /Expected at least one value to take the median of, got none/);
});

test('a summary holds median, range and count', () => {
  assert.equal(summarize([20, 10, 90]), { median: 20, low: 10, high: 90, count: 3 });
});

test('a ratio is that of the medians, its range that of the ratios run by run', () => {
  // In the second run the machine was slow for both: the ratio of that run is as good as any.
  const { median: middle, low, high } = ratio([20, 200, 22], [10, 100, 10]);
  assert.is(middle, 2.2);
  assert.is(low, 2);
  assert.is(high, 2.2);
});

test.run();
