/** What a pool has its workers do beside the tasks: in a module that loads fast. */
import { getHeapStatistics } from 'node:v8';
import { task } from '@switchyard/remote';

/** The first call of a process: it has started when this has ended. @internal */
export const comeUp = task(import.meta, 'comeUp', () => {});

/** The bytes that its heap holds, and, if that is asked for, that its process holds altogether. @internal */
export const memoryUsed = task(import.meta, 'memoryUsed', (ofProcess: boolean): [number, number] => [
  getHeapStatistics().used_heap_size,
  ofProcess ? process.memoryUsage.rss() : 0,
]);
