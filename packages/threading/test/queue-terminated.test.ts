/** Threads that are terminated at any moment while they use a queue: nothing hangs, and nothing of others is lost. */
import { soak, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { LifoQueue } from '../src/lifo-queue.ts';
import { PriorityQueue } from '../src/priority-queue.ts';
import { Queue } from '../src/queue.ts';
import { random, Role } from './queue-support.ts';

type Item = [id: number, n: number];

const COUNT = 200_000;

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  const test = suite(`${Kind.name} of threads that are terminated`);

  test('producers', { timeout: 120_000 }, async () => {
    const next = random(Kind.name.length);
    const rounds = soak(2);
    const queue = new Kind<Item>(50);
    const progress = new Int32Array(new SharedArrayBuffer(rounds * 3 * 4));
    const highest = Array.from({ length: rounds * 3 }, () => -1);
    const seen = Array.from({ length: rounds * 3 }, () => new Set<number>());
    const note = ([id, n]: Item): void => {
      assert.is(seen[id]!.has(n), false, `doubled: ${n} of ${id}`);
      seen[id]!.add(n);
      if (Kind === Queue) assert.is(n, highest[id]! + 1);
      highest[id] = Math.max(highest[id]!, n);
    };
    for (let round = 0; round < rounds; round++) {
      const producers = [0, 1, 2].map(
        (at) => new Role('produce', { queue, id: round * 3 + at, count: COUNT, progress }),
      );
      await Promise.all(producers.map(({ up }) => up));
      for (const producer of producers) {
        for (let left = Math.floor(next() * 500); left > 0; left--) note(await queue.get());
        await producer.worker.terminate();
      }
      while (!queue.empty()) note(await queue.get());
    }
    assert.is(queue.qsize(), 0);
    for (let id = 0; id < rounds * 3; id++) {
      // One may have been put by a producer that did not live to count it.
      const counted = Atomics.load(progress, id);
      assert.ok(
        seen[id]!.size === counted || seen[id]!.size === counted + 1,
        `${id}: ${seen[id]!.size} of ${counted}`,
      );
      assert.is(highest[id], seen[id]!.size - 1);
    }
    await queue.put([0, 0]);
    assert.equal(await queue.get(), [0, 0]);
  });

  test('consumers', { timeout: 120_000 }, async () => {
    const next = random(Kind.name.length + 100);
    const queue = new Kind<Item>(50);
    const marks = new Int32Array(new SharedArrayBuffer(COUNT * 4));
    const killed = soak(6);
    let n = 0;
    let consumers: Role[] = [];
    for (let gone = 0; gone < killed;) {
      while (consumers.length < 3) consumers.push(new Role('mark', { queue, marks, count: COUNT }));
      await Promise.all(consumers.map(({ up }) => up));
      for (let left = Math.floor(next() * 800); left > 0; left--) await queue.put([0, n++]);
      const at = Math.floor(next() * 3);
      // Not waited for: items are being put while it dies.
      void consumers[at]!.worker.terminate();
      consumers = consumers.filter((_, index) => index !== at);
      gone++;
      for (let left = 50; left > 0; left--) await queue.put([0, n++]);
    }
    for (let left = 500; left > 0; left--) await queue.put([0, n++]);
    queue.shutdown();
    await Promise.all(consumers.map(({ result }) => result));
    assert.is(queue.qsize(), 0);
    let lost = 0;
    for (let at = 0; at < n; at++) {
      assert.ok(marks[at]! <= 1, `doubled: ${at}`);
      if (marks[at] === 0) lost++;
    }
    assert.ok(lost <= killed, `${lost} are lost, and ${killed} threads died with at most one each`);
  });

  test('both at once, and the order stays what it was', { timeout: 120_000 }, async () => {
    const next = random(Kind.name.length + 200);
    const queue = new Kind<Item>();
    for (let round = 0; round < soak(2); round++) {
      const marks = new Int32Array(new SharedArrayBuffer(4 * COUNT * 4));
      const roles = [
        new Role('produce', { queue, id: 0, count: COUNT }),
        new Role('produce', { queue, id: 1, count: COUNT }),
        new Role('mark', { queue, marks, count: COUNT }),
      ];
      await Promise.all(roles.map(({ up }) => up));
      for (let turns = Math.floor(next() * 20); turns >= 0; turns--) {
        queue.putNowait([2, turns]);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(roles.map(({ worker }) => worker.terminate()));
      const left: Item[] = [];
      while (!queue.empty()) left.push(queue.getNowait());
      const last = [Kind === LifoQueue ? COUNT : -1, Kind === LifoQueue ? COUNT : -1];
      let place = -1;
      for (const [id, n] of left) {
        if (Kind === PriorityQueue) {
          assert.ok(id >= place);
          place = id;
        }
        if (id === 2) continue;
        assert.ok(Kind === LifoQueue ? n < last[id]! : n > last[id]!, `${n} after ${last[id]} of ${id}`);
        last[id] = n;
      }
    }
  });

  test.run();
}
