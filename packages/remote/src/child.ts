/** What a child process runs. */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { FrameReader, FrameWriter } from './frames.ts';
import { becomeChild, CHILD } from './is-main.ts';
import type { ChildStart } from './process-runtime.ts';
import {
  BEGUN,
  type FromWorker,
  LIFE,
  READY,
  RESULTS,
  SLOTS,
  STOPS,
  TAKEN_BACK,
  TASKS,
  type ToWorker,
  WORDS,
} from './protocol.ts';
import { flushed } from './stdio.ts';
import { TaskRunner } from './task-runner.ts';

const { name } = JSON.parse(process.env[CHILD] ?? '{}') as Partial<ChildStart>;
becomeChild();
if (name != null) process.title = name;

const words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)).fill(-1);
const writer = new FrameWriter();
const nobody = new Int32Array(new SharedArrayBuffer(4));

// Written at once, and each by itself: whatever ends this process later, what has been told has been told.
function post(message: FromWorker): void {
  writer.add(message);
  const bytes = writer.take();
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(RESULTS, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The parent is gone, and this process is about to end too.
      if (code !== 'EAGAIN') return;
      Atomics.wait(nobody, 0, 0, 1);
    }
  }
}

const runner = new TaskRunner({ post, flushed }, words, false);
const reader = new FrameReader((message: ToWorker) => runner.receive(message));
const tasks = new Socket({ fd: TASKS, readable: true, writable: false });
tasks.on('data', (chunk: Buffer) => reader.push(chunk));
tasks.on('error', () => {});
// The parent is gone.
tasks.once('close', () => process.exit(1));

// In a thread of its own, as a task may keep this one busy for ever: it hears which tasks are to stop
// and which are asked back, and sees to it that this
// process ends when nobody wants it any more.
const watch = `
(async () => {
  const { workerData: { words, fd, slots, stops, begun, takenBack } } = await import('node:worker_threads');
  const { Socket } = await import('node:net');
  const view = new Int32Array(words);
  let rest = Buffer.alloc(0);
  const socket = new Socket({ fd, readable: true, writable: true });
  const takeBack = (id) => {
    const place = id & (slots - 1);
    for (;;) {
      const state = Atomics.load(view, place);
      if (state === ((id << 2) | begun)) return;
      if (Atomics.compareExchange(view, place, state, (id << 2) | takenBack) === state) break;
    }
    const answer = Buffer.alloc(4);
    answer.writeInt32LE(id);
    socket.write(answer);
  };
  socket
    .on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= 4; rest = rest.subarray(4)) {
        const word = rest.readInt32LE(0);
        if (word < 0) takeBack(~word);
        else Atomics.store(view, stops + (word & (slots - 1)), word);
      }
    })
    .on('error', () => {})
    .on('close', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1000));
})();
`;
new Worker(watch, {
  eval: true,
  execArgv: [],
  workerData: {
    words: words.buffer,
    fd: LIFE,
    slots: SLOTS,
    stops: STOPS,
    begun: BEGUN,
    takenBack: TAKEN_BACK,
  },
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  trackUnmanagedFds: false,
}).unref();

post([READY]);
