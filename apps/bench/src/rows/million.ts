import type { Greenlet } from '@switchyard/gevent';
import { atMost, flat } from '../mark.ts';
import { OURS, type Case, type NodeContender, type Row } from '../row.ts';
import { until } from './until.ts';

const KILL = 2;

/** The ways in which so many greenlets can end: all woken by one `set()` and joined, or all killed. */
const ours: NodeContender = {
  id: OURS,
  label: 'ours',
  // One round a process: peak RSS is the process's, and a second round would be measured in what the first one left.
  slow: true,
  async load(way) {
    const { Event, joinall, killall, spawn } = await import('@switchyard/gevent');
    return async (n) => {
      const event = new Event();
      let parked = 0;
      const task = function* () {
        parked++;
        yield* event.wait();
      };
      const greenlets: Greenlet<void>[] = Array.from({ length: n }, () => spawn(task));
      await until(() => parked === n);
      if (way === KILL) {
        await killall(greenlets);
      } else {
        event.set();
        // `void`: the greenlets it gives back are waitables, and have all been waited for.
        void (await joinall(greenlets));
      }
      const left = greenlets.filter((greenlet) => !greenlet.ready()).length;
      if (left > 0) throw new Error(`Expected all ${n} greenlets to have ended, ${left} have not`);
    };
  },
};

const cases: readonly Case[] = [
  { id: 'join-100k', label: '100,000 parked, woken, joined', value: 1, n: 100_000 },
  { id: 'join', label: '1,000,000 parked, woken, joined', value: 1, n: 1_000_000 },
  { id: 'kill-100k', label: '100,000 parked, killed', value: KILL, n: 100_000 },
  { id: 'kill', label: '1,000,000 parked, killed', value: KILL, n: 1_000_000 },
];

export const row: Row = {
  id: 'million',
  title: 'a million greenlets parked, and joined or killed',
  per: 'greenlet',
  method: 'time',
  n: 1_000_000,
  cases,
  metrics: [
    { id: 'cpu', label: 'CPU', unit: 'time' },
    { id: 'wall', label: 'wall', unit: 'time' },
    { id: 'peak', label: 'peak RSS', unit: 'bytes' },
    { id: 'left', label: 'heap left', unit: 'bytes' },
  ],
  contenders: [ours],
  marks: [
    atMost(1e9, 'joined in under 1 GB (peak RSS)', { case: 'join', metric: 'peak' }),
    atMost(1e6, 'killed, the heap is where it was (at most 1 MB more)', { case: 'kill', metric: 'left' }),
    // A quadratic step would make ten times as many cost a hundred times as much: 10 here. Caches and collections alone make it more than 1.
    flat(2, 'join', 'join-100k', 'nothing quadratic in joining: each at most 2x of 100,000'),
    flat(2, 'kill', 'kill-100k', 'nothing quadratic in killing: each at most 2x of 100,000'),
  ],
};
