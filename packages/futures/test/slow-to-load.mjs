/** A module that takes its time to load. */
import { task } from '@switchyard/remote';

await new Promise((resolve) => void setTimeout(resolve, 400));

export const quick = task(import.meta, 'quick', () => 'done');
