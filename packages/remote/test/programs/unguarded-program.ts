/** Starts a worker at its top level, and again where the worker imports it. */
import { task } from '../../src/index.ts';
import { guard } from '../../src/core.ts';
import { Host, type Kind } from '../support.ts';

export const one = task(import.meta, 'one', () => 1);

console.log('started');
guard('A ThreadPoolExecutor was made');
const host = new Host((process.argv[2] ?? 'thread') as Kind);
try {
  console.log(await host.run(one));
} finally {
  await host.end();
}
