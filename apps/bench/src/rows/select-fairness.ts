import { openLoad } from '../load/driven.ts';
import { equip } from '../load/equip.ts';
import { aheadOf } from '../mark.ts';
import { ONE_CASE, type NodeContender, type Row } from '../row.ts';
import { awaiting, type Echo, greenlets, inC, net, pipe, selector } from './select-servers.ts';

const PINGING = 10;
const SIZE = 64;
/** Where a ping takes half a millisecond, or ten. */
const FEW = 1_600;
const FEWEST = 160;

function contender({ start, ...rest }: Echo, n?: number): NodeContender {
  return {
    ...rest,
    ...(n !== undefined && { n }),
    async load() {
      const { port, close, ...counted } = await start();
      const load = openLoad(port, SIZE);
      await load.ask(`connect ${PINGING}`);
      return {
        ...counted,
        run: (pings) => load.ask(`flood ${pings}`),
        async close() {
          await load.close();
          await close?.();
        },
      };
    },
  };
}

export const row: Row = {
  id: 'select-fairness',
  title: '10 connections that ping, beside a peer that floods: the time between two answers',
  per: 'ping',
  method: 'time',
  n: 9_600,
  cases: ONE_CASE,
  metrics: [
    { id: 'wall', label: 'wall', unit: 'time' },
    { id: 'cpu', label: 'CPU', unit: 'time' },
  ],
  contenders: [
    contender(selector),
    contender(greenlets),
    contender(awaiting),
    contender(net, FEW),
    contender(pipe, FEW),
    contender(inC),
    { id: 'gevent', label: 'Python gevent: StreamServer', script: 'gevent_fairness.py', n: FEWEST },
    {
      id: 'python',
      label: 'Python selectors: DefaultSelector',
      script: 'select_fairness.py',
      standard: true,
    },
  ],
  marks: [
    aheadOf(10, net.id, '10x the pings per second of raw net', { metric: 'wall' }),
    {
      ...aheadOf(10, net.id, 'with greenlets, too', { metric: 'wall' }),
      over: { contender: greenlets.id, case: '-', metric: 'wall' },
    },
  ],
  equip,
};
