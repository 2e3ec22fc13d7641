/** What a worker thread runs. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { READY, type ToWorker } from './protocol.ts';
import { flushed } from './stdio.ts';
import { TaskRunner } from './task-runner.ts';
import type { ThreadStart } from './thread-runtime.ts';

const port = parentPort as MessagePort;
const { words } = (workerData as ThreadStart).switchyard;
const runner = new TaskRunner(
  { post: (message, transfers) => port.postMessage(message, transfers as never), flushed },
  new Int32Array(words),
  true,
);
port.on('message', (message: ToWorker) => runner.receive(message));
// Otherwise whoever waits for the task in it would wait for ever.
port.on('messageerror', (error) => {
  throw error;
});
port.postMessage([READY]);
