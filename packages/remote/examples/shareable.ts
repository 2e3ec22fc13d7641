/** An object of a class of one's own goes to a thread, and works there: both sides count in the same memory. */
import { isMain, register, revive, share, Shareable, task } from '@switchyard/remote';
import { Call, type Exit, Peer, startThread } from '@switchyard/remote/core';

export class Counter extends Shareable {
  readonly #cell: Int32Array<SharedArrayBuffer>;

  constructor(cell = new Int32Array(new SharedArrayBuffer(4))) {
    super();
    this.#cell = cell;
  }

  add(n: number) {
    return Atomics.add(this.#cell, 0, n) + n;
  }

  [share]() {
    return this.#cell;
  }

  static [revive](cell: Int32Array<SharedArrayBuffer>) {
    return new Counter(cell);
  }
}
register(import.meta, Counter);

export const count = task(import.meta, 'count', (job: { counters: Map<string, Counter> }) => {
  for (const counter of job.counters.values()) counter.add(10);
  return job.counters.get('pages');
});

/** Runs a task over there. */
function run(peer: Peer, target: object, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    class Run extends Call {
      override settled(failed: boolean, outcome: unknown) {
        if (failed) reject(outcome);
        else resolve(outcome);
      }

      override lost({ code, signal }: Exit) {
        reject(new Error(`the worker ended with ${signal ?? `code ${code}`}`));
      }
    }
    peer.push(new Run(target, args, 0));
  });
}

if (isMain(import.meta)) {
  const peer = new Peer(startThread, { exited: () => {} });
  const pages = new Counter();
  pages.add(1);
  const back = (await run(peer, count, { counters: new Map([['pages', pages]]) })) as Counter;
  console.log(pages.add(1));
  console.log(back === pages, back.add(1));
  peer.stop();
}

// Output:
// 12
// false 13
