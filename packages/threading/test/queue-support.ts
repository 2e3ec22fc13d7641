import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { dehydrate } from '@switchyard/remote/core';

/** A worker thread that runs one of the roles of queue-worker.mjs. */
export class Role {
  readonly worker: Worker;
  /** When it has started to play. */
  readonly up: Promise<void>;
  /** What it gave in the end. Rejects when it failed; never settles when it was terminated. */
  readonly result: Promise<never>;
  readonly exit: Promise<unknown>;

  constructor(role: string, data: Record<string, unknown>) {
    this.worker = new Worker(new URL('queue-worker.mjs', import.meta.url), {
      workerData: dehydrate({ role, data }).value,
    });
    this.exit = once(this.worker, 'exit');
    let started: () => void;
    this.up = new Promise((resolve) => (started = resolve));
    this.result = new Promise((resolve, reject) => {
      this.worker.on('error', reject);
      this.worker.on('message', (message: unknown) => {
        if (message === 'up') started();
        else resolve((message as { result: never }).result);
      });
    });
    this.result.catch(() => {});
  }
}

/** A generator of numbers from 0 up to 1 that is the same in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
