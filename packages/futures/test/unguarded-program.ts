/** A program that forgets that its module is imported again where its task runs. */
import { task } from '@switchyard/remote';
import { ThreadPoolExecutor } from '../src/thread-pool.ts';

export const triple = task(import.meta, 'triple', (n: number) => n * 3);

await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
console.log(await pool.submit(triple, 14));
