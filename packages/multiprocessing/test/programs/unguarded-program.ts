/** A program without isMain(): its process imports it again. */
import { task } from '@switchyard/remote';
import { Process } from '../../src/process.ts';

export const work = task(import.meta, 'work', () => 1);

const child = new Process({ target: work, name: 'first' });
child.start();
await child.join();
console.log(`end of main ${child.exitcode}`);
