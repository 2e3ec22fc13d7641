import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { bootstrap, bootstrapRatio, seededRandom, shuffled } from '../src/bootstrap.ts';

const test = suite('bootstrap');

test('an estimate has the median, the range and an interval around the median', () => {
  const { median, low, high, count, interval } = bootstrap([10, 12, 11, 30, 9], 1);
  assert.equal([median, low, high, count], [11, 9, 30, 5]);
  assert.ok(interval[0] >= 9 && interval[0] <= 11, `the low end, got ${interval[0]}`);
  assert.ok(interval[1] >= 11 && interval[1] <= 30, `the high end, got ${interval[1]}`);
});

test('the same seed gives the same interval', () => {
  const values = Array.from({ length: 40 }, (_, index) => (index * 7919) % 101);
  assert.equal(bootstrap(values, 5), bootstrap(values, 5));
  assert.not.equal(bootstrap(values, 5).interval, bootstrap(values, 6).interval);
});

test('the interval holds the true median about as often as it says', () => {
  const random = seededRandom(42);
  let held = 0;
  for (let trial = 0; trial < 200; trial++) {
    const values = Array.from({ length: 15 }, () => random());
    const [low, high] = bootstrap(values, trial).interval;
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  assert.ok(held >= 176 && held <= 200, `about 190 of 200, got ${held}`);
});

test('more values make it narrower', () => {
  const random = seededRandom(7);
  const width = (count: number): number => {
    const [low, high] = bootstrap(Array.from({ length: count }, random), 1).interval;
    return high - low;
  };
  assert.ok(width(400) < width(10) / 2);
});

test('one value has an interval without width, and nothing has none', () => {
  assert.equal(bootstrap([3], 1).interval, [3, 3]);
  assert.throws(() => bootstrap([], 1), /at least one value/);
});

test('a ratio is that of the medians, within the range that single runs allow', () => {
  const { median, low, high, interval } = bootstrapRatio([20, 22, 24], [10, 11, 12], 1);
  assert.equal([median, low, high], [2, 20 / 12, 2.4]);
  assert.ok(interval[0] >= low && interval[1] <= high && interval[0] <= 2 && interval[1] >= 2);
});

test('shuffling keeps all items, and depends on the seed alone', () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  const once = shuffled(items, seededRandom(3));
  assert.equal(once, shuffled(items, seededRandom(3)));
  assert.not.equal(once, items);
  assert.equal(
    once.toSorted((a, b) => a - b),
    items,
  );
});

test.run();
