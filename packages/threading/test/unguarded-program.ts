/** A program without isMain(): its thread imports it again. */
import { task } from '@switchyard/remote';
import { Thread } from '../src/index.ts';

export const work = task(import.meta, 'work', () => 1);

const thread = new Thread({ target: work, name: 'first' });
thread.start();
await thread.join();
console.log('end of main');
