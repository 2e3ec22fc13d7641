/** A module that ends every process that imports it for a task of a process that says so. */
import { task } from '@switchyard/remote';

if (process.env['EXITS_IN_CHILDREN_OF'] === `${process.ppid}`) process.exit(7);

export const unreachable = task(import.meta, 'unreachable', () => 'reached');
