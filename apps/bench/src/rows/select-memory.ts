import { setImmediate as turn } from 'node:timers/promises';
import { openLoad } from '../load/driven.ts';
import { equip } from '../load/equip.ts';
import { atMostTimes, type Mark } from '../mark.ts';
import { HEAP_AND_RSS, ONE_CASE, type NodeContender, type Row } from '../row.ts';
import { connectAll } from './select-connect-all.ts';
import { awaiting, type Echo, greenlets, net, selector } from './select-servers.ts';

/** The other ends are in the process of the load: here a connection is one file, and not two. */
function contender({ start, ...rest }: Echo): NodeContender {
  return {
    ...rest,
    async load() {
      const server = await start();
      const load = openLoad(server.port, 1);
      return {
        run: (n) => connectAll(load, server, n),
        async release() {
          await load.ask('close');
          while ((await server.open()) > 0) await turn();
        },
        close: () => load.close(),
      };
    },
  };
}

const marksOf = (id: string, whose: string): Mark[] =>
  (['heap', 'rss'] as const).map((metric) => ({
    ...atMostTimes(1.5, net.id, `${whose}: at most 1.5x raw net's ${metric === 'rss' ? 'RSS' : 'heap'}`, {
      metric,
    }),
    of: { contender: id, case: '-', metric },
  }));

export const row: Row = {
  id: 'select-memory',
  title: 'memory per idle connection',
  per: 'accepted connection that idles',
  method: 'parked',
  n: 10_000,
  cases: ONE_CASE,
  metrics: HEAP_AND_RSS,
  contenders: [
    ...[selector, greenlets, awaiting, net].map(contender),
    { id: 'gevent', label: 'Python gevent: StreamServer (RSS only)', script: 'gevent_idle.py' },
    {
      id: 'python',
      label: 'Python selectors: DefaultSelector (RSS only)',
      script: 'select_idle.py',
      standard: true,
    },
  ],
  marks: [...marksOf(selector.id, 'registered with a selector'), ...marksOf(greenlets.id, 'in a greenlet')],
  equip,
};
