/** Tasks of a module in plain JavaScript. */
import { task } from '@switchyard/remote';

export const shout = task(import.meta, 'shout', (word) => word.toUpperCase());
