/** The child of bare `fork` that asks its parent for a lock, takes a step that only the lock guards, and gives it back. */
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { step } from './step-file.ts';

const file = openSync(process.argv[2] as string, 'r+');

process.on('message', async (message) => {
  if (typeof message !== 'number') return;
  for (let i = 0; i < message; i++) {
    process.send!('acquire');
    await once(process, 'message');
    step(file);
    process.send!('release');
  }
  process.send!('done');
});
process.send!('up');
