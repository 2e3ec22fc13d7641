import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Fifo } from '../src/core/fifo.ts';
import { TimeHeap } from '../src/core/heap.ts';
import { Histogram } from '../src/core/histogram.ts';
import { SeenSet } from '../src/core/seen.ts';

const structures = suite('structures of the core');

structures('SeenSet tells 200,000 similar URLs apart', () => {
  const seen = new SeenSet();
  for (let index = 0; index < 200_000; index++) assert.ok(seen.add(`http://site.example/p/${index}`));
  for (let index = 0; index < 200_000; index += 7) assert.not.ok(seen.add(`http://site.example/p/${index}`));
  assert.is(seen.size, 200_000);
  assert.ok(seen.add(''));
  assert.not.ok(seen.add(''));
});

structures('TimeHeap gives the earliest, at equal times the first, and lets go of any', () => {
  const heap = new TimeHeap<{ at: number; heapIndex: number; name: number }>();
  const items = Array.from({ length: 500 }, (_, name) => ({ at: 0, heapIndex: -1, name }));
  for (const item of items) heap.push(item, (item.name * 7919) % 50);
  for (const item of items) if (item.name % 3 === 0) heap.remove(item);
  for (const item of items) if (item.name % 3 === 0) heap.remove(item); // not in it any more: nothing happens
  const expected = items
    .filter((item) => item.name % 3 !== 0)
    .sort((a, b) => ((a.name * 7919) % 50) - ((b.name * 7919) % 50) || a.name - b.name)
    .map((item) => item.name);
  const got: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) got.push(item.name);
  assert.equal(got, expected);
  assert.is(heap.size, 0);
});

structures('Fifo keeps the order over many items', () => {
  const fifo = new Fifo<number>();
  let next = 0;
  for (let index = 0; index < 10_000; index++) {
    fifo.push(index);
    if (index % 3 === 0) assert.is(fifo.take(), next++);
  }
  const item = fifo.take() ?? -1;
  fifo.putBack(item);
  while (fifo.size > 0) assert.is(fifo.take(), next++);
  assert.is(next, 10_000);
  assert.is(fifo.take(), undefined);
  fifo.putBack(7);
  assert.is(fifo.take(), 7);
});

structures('Histogram is right to within 5 percent', () => {
  const histogram = new Histogram();
  assert.is(histogram.quantile(0.5), 0);
  for (let index = 1; index <= 10_000; index++) histogram.add(index / 10);
  for (const share of [0.01, 0.5, 0.9, 0.99]) {
    const error = Math.abs(histogram.quantile(share) / (share * 1000) - 1);
    assert.ok(error < 0.05, `${share}: ${histogram.quantile(share)}`);
  }
  assert.is(histogram.quantile(1), 1000);
  assert.is(histogram.count, 10_000);
});

structures.run();
