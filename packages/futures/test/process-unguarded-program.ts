/** A program that forgets that its module is imported again where its task runs. */
import { task } from '@switchyard/remote';
import { ProcessPoolExecutor } from '../src/process-pool.ts';

export const triple = task(import.meta, 'triple', (n: number) => n * 3);

await using pool = new ProcessPoolExecutor({ maxWorkers: 2 });
console.log(await pool.submit(triple, 14));
