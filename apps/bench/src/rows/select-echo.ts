import { openLoad } from '../load/driven.ts';
import { equip } from '../load/equip.ts';
import { aheadOf, atMostTimes } from '../mark.ts';
import { CPU_AND_WALL, type Case, type NodeContender, type Row } from '../row.ts';
import { awaiting, type Echo, greenlets, inC, net, selector } from './select-servers.ts';

/** A case has one number: the connections and the size of a message in one. Python's scripts read it, too. */
const RADIX = 100_000;

function setting(connections: number, size: number, n: number): Case {
  const bytes = size < 1024 ? `${size} B` : `${size / 1024} KiB`;
  return {
    id: `${connections}x${size}`,
    label: `${connections.toLocaleString('en')} ${connections === 1 ? 'connection' : 'connections'}, ${bytes}`,
    value: connections * RADIX + size,
    n,
  };
}

const CASES = [
  setting(1, 64, 8_000),
  setting(100, 64, 96_000),
  setting(1_000, 64, 96_000),
  setting(1, 16_384, 8_000),
  setting(100, 16_384, 32_000),
  setting(1_000, 16_384, 32_000),
];

function contender({ start, ...rest }: Echo): NodeContender {
  return {
    ...rest,
    async load(value) {
      const { port, close, ...counted } = await start();
      const load = openLoad(port, value % RADIX);
      await load.ask(`connect ${Math.floor(value / RADIX)}`);
      return {
        ...counted,
        run: (n) => load.ask(`echo ${n}`),
        async close() {
          await load.close();
          await close?.();
        },
      };
    },
  };
}

const marksOf = ({ id, label }: Case) => [
  atMostTimes(1.1, net.id, `${label}: at most 1.1x raw net`, { case: id }),
  aheadOf(1.5, 'gevent', `${label}: 1.5x ahead of gevent`, { case: id }),
];

export const row: Row = {
  id: 'select-echo',
  title: 'echo server, CPU time of the server',
  per: 'message',
  method: 'time',
  n: 96_000,
  cases: CASES,
  metrics: CPU_AND_WALL,
  contenders: [
    ...[selector, greenlets, awaiting, net, inC].map(contender),
    { id: 'gevent', label: 'Python gevent: StreamServer', script: 'gevent_echo.py' },
    { id: 'python', label: 'Python selectors: DefaultSelector', script: 'select_echo.py', standard: true },
  ],
  marks: CASES.flatMap(marksOf),
  equip,
};
