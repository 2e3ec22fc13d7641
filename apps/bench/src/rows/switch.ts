import type { Greenlet } from '@switchyard/greenlet';
import { aheadOf, atMostTimes } from '../mark.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';

const ours: NodeContender = {
  id: OURS,
  label: 'ours: yield* other.switch()',
  async load() {
    const { Greenlet, run } = await import('@switchyard/greenlet');
    return (n) => {
      const ping: Greenlet = new Greenlet(function* () {
        for (let i = 0; i < n; i += 2) yield* pong.switch(i);
      });
      const pong: Greenlet = new Greenlet(function* (first: unknown) {
        for (let value = first; ;) value = yield* ping.switch(value);
      });
      run(ping.switch());
    };
  },
};

/** The floor: what the engine charges for leaving a generator and entering another, with nothing to decide who is next. */
const raw: NodeContender = {
  id: 'raw',
  label: 'raw generators, next() by hand',
  async load() {
    function* echo(): Generator<unknown, never, unknown> {
      for (let value: unknown; ;) value = yield value;
    }
    return (n) => {
      const ping = echo();
      const pong = echo();
      ping.next();
      pong.next();
      let value: unknown = 0;
      for (let i = 0; i < n; i += 2) {
        value = ping.next(value).value;
        value = pong.next(value).value;
      }
    };
  },
};

export const row: Row = {
  id: 'switch',
  title: 'greenlet switch, ping-pong',
  per: 'switch',
  method: 'time',
  n: 3_000_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [ours, raw, { id: 'python', label: 'Python greenlet (C)', script: 'greenlet_switch.py' }],
  marks: [
    atMostTimes(2, 'raw', 'at most 2x raw next()'),
    aheadOf(3.5, 'python', '3.5x faster than Python greenlet'),
  ],
};
