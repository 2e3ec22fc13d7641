// Runs one of the roles below in a worker thread. Node 20 ignores --import tsx in worker threads.
import { parentPort, workerData } from 'node:worker_threads';

if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { hydrate } = await import('@switchyard/remote/core');
const threading = {
  ...(await import('../src/queue.ts')),
  ...(await import('../src/lifo-queue.ts')),
  ...(await import('../src/priority-queue.ts')),
  ...(await import('@switchyard/remote/core')),
};
const { ShutDown } = threading;

const roles = {
  /** Puts `count` items made of the producer's number and a running number. */
  produce({ queue, id, count, progress }) {
    for (let n = 0; n < count; n++) {
      queue.putSync([id, n]);
      if (progress !== undefined) Atomics.store(progress, id, n + 1);
    }
    return count;
  },

  async produceAsync({ queue, id, count }) {
    for (let n = 0; n < count; n++) await queue.put([id, n]);
    return count;
  },

  /** Takes until the queue has been shut down. Returns how many, and the sum of the running numbers. */
  consume({ queue }) {
    let count = 0;
    let sum = 0;
    let ordered = true;
    const last = new Map();
    try {
      for (;;) {
        const [id, n] = queue.getSync();
        count++;
        sum += n;
        ordered &&= (last.get(id) ?? -1) < n;
        last.set(id, n);
        queue.taskDone();
      }
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
    }
    return { count, sum, ordered };
  },

  async consumeAsync({ queue }) {
    let count = 0;
    let sum = 0;
    for await (const [, n] of queue) {
      count++;
      sum += n;
      queue.taskDone();
    }
    return { count, sum };
  },

  /** Marks each item that it takes. */
  mark({ queue, marks, count }) {
    try {
      for (;;) {
        const [id, n] = queue.getSync();
        Atomics.add(marks, id * count + n, 1);
      }
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
    }
  },

  /** Sends back what comes. */
  echo({ requests, replies }) {
    try {
      for (;;) replies.putSync(requests.getSync());
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error;
    }
  },

  /** Puts the items of an array, the whole of it `times` times. */
  puts({ queue, items, times = 1 }) {
    for (let n = 0; n < times; n++) for (const item of items) queue.putSync(item);
  },

  takes({ queue, count }) {
    const items = [];
    while (items.length < count) items.push(queue.getSync());
    return items;
  },

  join({ queue, timeout }) {
    return queue.joinSync({ timeout });
  },

  /** Takes with a time limit; returns the name of the error. */
  late({ queue, timeout }) {
    try {
      return queue.getSync({ timeout });
    } catch (error) {
      return error.name;
    }
  },
};

const { role, data } = hydrate(workerData);
parentPort.postMessage('up');
parentPort.postMessage({ result: await roles[role](data) });
