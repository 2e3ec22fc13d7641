/** A program without isMain(): the workers of its pool import it again. */
import { task } from '@switchyard/remote';
import { Pool } from '../../src/pool.ts';

export const work = task(import.meta, 'work', (n: number) => n);

const pool = new Pool(2);
await pool.map(work, [1, 2, 3]);
