/** Run as a program: runs the programs of its arguments one after the other, and says on stdout where each begins. */
import { pathToFileURL } from 'node:url';
import { beginning, END } from './in-turn-marks.ts';

for (const file of process.argv.slice(2)) {
  process.stdout.write(beginning(file));
  await import(pathToFileURL(file).href);
  // What it has scheduled to be printed at once is still its own.
  await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write(beginning(END));
