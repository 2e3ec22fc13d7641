/** A module that ends every thread that imports it for a task. */
import { isMainThread } from 'node:worker_threads';
import { task } from '@switchyard/remote';

if (!isMainThread) process.exit(7);

export const unreachable = task(import.meta, 'unreachable', () => 'reached');
