/** Ends a worker as soon as it has its result. */
import { Host, type Kind } from '../support.ts';
import * as tasks from '../tasks.ts';

const host = new Host(process.argv[2] as Kind);
const [, result] = await Promise.all([
  host.run(tasks.print, 1000, 'zero'),
  host.run(tasks.print, 1000, 'one'),
]);
console.log(result);
host.peer.stop();
const { code, signal } = await host.exited;
console.log('exit', code ?? signal);
