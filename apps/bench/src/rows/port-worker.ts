/** The workers of the bare MessagePort: one puts items into it, the other takes them and says what they weigh. */
import { parentPort, type MessagePort } from 'node:worker_threads';
import { itemOf, weightOf } from './queue-items.ts';

interface Order {
  readonly gets: boolean;
  readonly port: MessagePort;
  readonly kind: number;
  readonly n: number;
}

parentPort?.on('message', ({ gets, port, kind, n }: Order) => {
  if (!gets) {
    for (let i = 0; i < n; i++) port.postMessage(itemOf(kind, i));
    return;
  }
  let weight = 0;
  let left = n;
  port.on('message', (item) => {
    weight += weightOf(kind, item);
    if (--left > 0) return;
    port.close();
    parentPort?.postMessage(weight);
  });
});
