/** Ends whatever imports it to find a task. */
import { isMainThread } from 'node:worker_threads';
import { task } from '../src/index.ts';

export const deadly = task(import.meta, 'deadly', () => 1);
if (!isMainThread || /remote.(?:src|dist).child/.test(process.argv[1] ?? '')) process.exit(9);
