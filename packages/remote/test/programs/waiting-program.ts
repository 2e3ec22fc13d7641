/** Waits for ever at its top level where a worker imports it. */
import { isMain, task } from '../../src/index.ts';
import { failure, Host, type Kind } from '../support.ts';

export const one = task(import.meta, 'one', () => 1);

if (!isMain(import.meta)) await new Promise(() => {});
const host = new Host(process.argv[2] as Kind);
const call = host.run(one);
// Whoever loses patience has an answer.
process.stdin.once('data', () => host.peer.cancel(call, new Error('no more patience')));
console.log((await failure(call)).message);
process.stdin.destroy();
await host.end();
