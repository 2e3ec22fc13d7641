/** Has one task where the program imports it, and two of one name where a worker does. */
import { task } from '../src/index.ts';

export const pick = task(import.meta, 'pick', () => 1);
if (process.env['TWO_OF_ONE_NAME'] !== undefined) task(import.meta, 'pick', () => 2);
