/** The worker of bare `postMessage` that is sent buffers: answers with what they weigh, as `weigh` of the tasks. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (buffer: ArrayBuffer) => {
  const bytes = new Uint8Array(buffer);
  parentPort?.postMessage(bytes.length + (bytes.at(-1) as number));
});
