import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Due, Timers } from '../src/timers.ts';
import { seeded } from './seeded.ts';

const test = suite('timers');

class Timer implements Due {
  deadline = 0;
  order = 0;
  place = -1;
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  fire(): void {}
}

const sorted = (timers: Timer[]): Timer[] =>
  timers.toSorted((a, b) => a.deadline - b.deadline || a.order - b.order);

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`a random program of adds, cancellations and takes, seed ${seed}`, () => {
    const random = seeded(seed);
    let alarm = Infinity;
    const timers = new Timers({ set: (deadline) => (alarm = deadline) });
    let pending: Timer[] = [];
    let now = 0;
    for (let step = 0; step < 4000; step++) {
      const dice = random();
      if (dice < 0.5) {
        const timer = new Timer(step);
        // Few different deadlines, so that many are equal.
        timers.add(timer, now + Math.floor(random() * 20));
        pending.push(timer);
      } else if (dice < 0.75 && pending.length > 0) {
        const [timer] = pending.splice(Math.floor(random() * pending.length), 1) as [Timer];
        timers.remove(timer);
        assert.is(timer.place, -1);
        timers.remove(timer);
      } else if (dice < 0.8) {
        now += Math.floor(random() * 8);
      } else {
        const expected = sorted(pending).filter((timer) => timer.deadline <= now);
        const taken: Due[] = [];
        for (let due = timers.take(now, timers.latest); due !== null; due = timers.take(now, timers.latest))
          taken.push(due);
        assert.equal(
          taken.map((due) => (due as Timer).id),
          expected.map(({ id }) => id),
        );
        pending = pending.filter((timer) => timer.deadline > now);
      }
      assert.is(timers.size, pending.length);
      assert.is(timers.next, sorted(pending)[0]?.deadline ?? Infinity);
      assert.ok(pending.every((timer) => timer.place >= 0));
      // Rung too early is harmless, too late or never is not.
      if (pending.length > 0) assert.ok(alarm <= timers.next, `alarm at ${alarm}, next at ${timers.next}`);
    }
  });
}

test('one round of firing leaves out what it has started itself', () => {
  const timers = new Timers({ set() {} });
  timers.add(new Timer(1), 5);
  const latest = timers.latest;
  timers.add(new Timer(2), 5);
  assert.is((timers.take(10, latest) as Timer).id, 1);
  assert.is(timers.take(10, latest), null);
  assert.is((timers.take(10, timers.latest) as Timer).id, 2);
});

test('the alarm is set for a new earliest deadline, and taken back with the last', () => {
  const set: number[] = [];
  const timers = new Timers({ set: (deadline) => void set.push(deadline) });
  const [a, b, c] = [new Timer(1), new Timer(2), new Timer(3)];
  timers.add(a, 50);
  timers.add(b, 70);
  timers.add(c, 30);
  timers.remove(b);
  timers.remove(c);
  timers.remove(a);
  assert.equal(set, [50, 30, 50, Infinity]);
});

test.run();
