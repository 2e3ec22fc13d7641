/** The workers of the bare lock: begin at the same time, then take it and give it back so often. */
import { parentPort } from 'node:worker_threads';
import { enter, leave } from './bare-lock.ts';

interface Order {
  readonly words: Int32Array;
  readonly counter: Int32Array;
  /** How many have come to the start. */
  readonly gate: Int32Array;
  readonly threads: number;
  readonly times: number;
}

parentPort?.on('message', ({ words, counter, gate, threads, times }: Order) => {
  const others = Atomics.add(gate, 0, 1) + 1;
  if (others === threads) Atomics.notify(gate, 0);
  for (let come = others; come < threads; come = Atomics.load(gate, 0)) Atomics.wait(gate, 0, come);
  for (let i = 0; i < times; i++) {
    enter(words);
    counter[0] = (counter[0] as number) + 1;
    leave(words);
  }
  parentPort?.postMessage(null);
});
