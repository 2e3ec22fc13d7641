/**
 * Plays random programs whose main waits for ever, and writes how often that ended in a `LoopExit`: once in each at the
 * least. With a violated property it ends with its error.
 *
 *   node --import tsx loop-exits.ts SEED PROGRAMS
 */
import * as fc from 'fast-check';
import { withVirtualTime } from '@switchyard/hub';
import { scenarios } from '../differential/generate.ts';
import { CheckedPlayer } from './checked.ts';

const [seed, programs] = process.argv.slice(2).map(Number) as [number, number];
let exits = 0;
await fc.assert(
  fc.asyncProperty(scenarios({ waitsForEver: true }), async (scenario) => {
    // Whoever watches would be somebody who waits for a time.
    const trace = await withVirtualTime(() => new CheckedPlayer(scenario).run(false));
    const here = trace.filter(([, what]) => what.includes('LoopExit')).length;
    if (here === 0) throw new Error('main waits for ever, and there was no LoopExit');
    exits += here;
  }),
  { seed, numRuns: programs },
);
process.stdout.write(String(exits));
