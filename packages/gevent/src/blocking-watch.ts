import { Worker } from 'node:worker_threads';

/** Cells of the shared memory: how often control was handed over; whether a greenlet has it; its name's length; the end. */
const TURN = 0;
const RUNS = 1;
const LENGTH = 2;
const STOP = 3;
const NAME = 16;
const NAME_SIZE = 240;

// Runs in the other thread. It writes to the descriptor, as a stream of a worker needs the loop that is held.
const WATCH = `
const { workerData: { memory, limit } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const cells = new Int32Array(memory, 0, 4);
let turn = -1;
let since = 0;
let told = false;
while (Atomics.wait(cells, ${STOP}, 0, limit / 4) === 'timed-out') {
  const now = performance.now();
  const seen = Atomics.load(cells, ${TURN});
  if (seen !== turn) {
    turn = seen;
    since = now;
    told = false;
  } else if (!told && now - since >= limit && Atomics.load(cells, ${RUNS}) === 1) {
    told = true;
    const name = Buffer.from(new Uint8Array(memory, ${NAME}, Atomics.load(cells, ${LENGTH}))).toString();
    try {
      writeSync(2, 'Greenlet ' + name + ' has held the event loop for ' + Math.round(now - since) + ' ms, and goes on\\n');
    } catch {}
  }
}
`;

/** A thread that says who holds the event loop while it is held. @internal */
export class BlockingWatch {
  private readonly cells: Int32Array;
  private readonly name: Uint8Array;
  private readonly encoder = new TextEncoder();

  constructor(limit: number) {
    const memory = new SharedArrayBuffer(NAME + NAME_SIZE);
    this.cells = new Int32Array(memory, 0, 4);
    this.name = new Uint8Array(memory, NAME);
    new Worker(WATCH, { eval: true, execArgv: [], env: {}, workerData: { memory, limit } }).unref();
  }

  /** A greenlet begins its turn, or plain code (null). */
  switched(name: string | null): void {
    const { cells } = this;
    if (name !== null) Atomics.store(cells, LENGTH, this.encoder.encodeInto(name, this.name).written);
    Atomics.store(cells, RUNS, name === null ? 0 : 1);
    Atomics.add(cells, TURN, 1);
  }

  stop(): void {
    Atomics.store(this.cells, STOP, 1);
    Atomics.notify(this.cells, STOP);
  }
}
