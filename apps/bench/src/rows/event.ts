import { aheadOf } from '../mark.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';

const ours: NodeContender = {
  id: OURS,
  label: 'ours: Event',
  async load() {
    const { Event, joinall, spawn } = await import('@switchyard/gevent');
    return (n) => {
      const there = new Event();
      const back = new Event();
      const ping = spawn(function* () {
        for (let i = 0; i < n; i++) {
          there.set();
          yield* back.wait();
          back.clear();
        }
      });
      const pong = spawn(function* () {
        for (let i = 0; i < n; i++) {
          yield* there.wait();
          there.clear();
          back.set();
        }
      });
      return joinall([ping, pong]);
    };
  },
};

export const row: Row = {
  id: 'event',
  title: 'event round trip',
  per: 'round trip',
  method: 'time',
  n: 200_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [ours, { id: 'gevent', label: 'Python gevent: Event', script: 'gevent_event.py' }],
  marks: [aheadOf(8, 'gevent', '8x faster than gevent')],
};
