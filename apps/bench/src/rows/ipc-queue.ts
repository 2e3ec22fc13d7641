/** The children of bare `fork` that send each other items: one puts them, the other gets them, and what is between is their parent. */
import type { Serializable } from 'node:child_process';
import { sendWritten } from './ipc-child.ts';
import { checkItem, itemOf, weightOf } from './queue-items.ts';

interface Order {
  readonly gets: boolean;
  readonly kind: number;
  readonly n: number;
}

async function putAll({ kind, n }: Order): Promise<void> {
  for (let i = 1; i <= n; i++) {
    const item = itemOf(kind, i - 1) as Serializable;
    // Whoever never waits keeps all items in memory.
    if (i % 100 === 0 || i === n) await sendWritten(process, item);
    else process.send!(item);
  }
}

function getAll({ kind, n }: Order): void {
  let weight = 0;
  let i = 0;
  const got = (item: unknown): void => {
    checkItem(kind, item, i);
    weight += weightOf(kind, item);
    if (++i < n) return;
    process.off('message', got).once('message', obey);
    process.send!({ weight });
  };
  process.on('message', got);
}

async function obey(order: unknown): Promise<void> {
  if ((order as Order).gets) return getAll(order as Order);
  await putAll(order as Order);
  process.once('message', obey);
}

process.once('message', obey);
process.send!('up');
