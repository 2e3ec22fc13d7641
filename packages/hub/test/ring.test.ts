import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Line, type Node, Ring } from '@switchyard/hub/core';
import { seeded } from './seeded.ts';

const test = suite('ring and line');

for (const seed of [1, 2, 3, 4, 5]) {
  test(`a ring does what an array does, seed ${seed}`, () => {
    const random = seeded(seed);
    const ring = new Ring<number>();
    const array: number[] = [];
    // Phases of growing and shrinking, so that the ring wraps, grows in mid-turn, and runs empty.
    for (let step = 0; step < 20_000; step++) {
      const growing = Math.floor(step / 700) % 2 === 0;
      const dice = random();
      if (dice < (growing ? 0.6 : 0.3)) {
        ring.push(step);
        array.push(step);
      } else if (dice < (growing ? 0.7 : 0.35)) {
        ring.unshift(-step);
        array.unshift(-step);
      } else if (array.length > 0) assert.is(ring.shift(), array.shift());
      else ring.trim();
      assert.is(ring.length, array.length);
      assert.is(ring.first, array[0]);
    }
    assert.equal([...ring], array);
  });
}

interface Numbered extends Node {
  id: number;
}

for (const seed of [1, 2, 3]) {
  test(`a line does what an array does, seed ${seed}`, () => {
    const random = seeded(seed);
    const line = new Line<Numbered>();
    const array: Numbered[] = [];
    for (let step = 0; step < 5000; step++) {
      const dice = random();
      if (dice < 0.5) {
        const node: Numbered = { id: step, before: null, after: null };
        line.push(node);
        array.push(node);
      } else if (dice < 0.7) {
        assert.is(line.shift(), array.shift() ?? null);
      } else if (array.length > 0) {
        const [node] = array.splice(Math.floor(random() * array.length), 1) as [Numbered];
        line.remove(node);
        line.remove(node);
      }
      assert.is(line.length, array.length);
      assert.is(line.first, array[0] ?? null);
      assert.is(line.last, array[array.length - 1] ?? null);
    }
    assert.equal(
      [...line].map(({ id }) => id),
      array.map(({ id }) => id),
    );
  });
}

test.run();
