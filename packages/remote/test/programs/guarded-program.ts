import { isMain, task } from '../../src/index.ts';
import { guard } from '../../src/core.ts';
import { Host, type Kind } from '../support.ts';

export const one = task(import.meta, 'one', () => 1);

if (isMain(import.meta)) {
  console.log('started');
  guard('A ThreadPoolExecutor was made');
  const host = new Host(process.argv[2] as Kind);
  console.log(await host.run(one));
  await host.end();
}
