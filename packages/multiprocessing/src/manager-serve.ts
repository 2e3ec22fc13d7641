import { task } from '@switchyard/remote';
import type { Address } from './address.ts';
import { Broker } from './broker/broker.ts';
import { serverOf } from './broker/serve.ts';
import { prepare, sweepPlaces } from './manager-place.ts';

/** The dict that is there from the beginning. @internal */
export const NAMES = 'names';

/** What a manager's process runs, for as long as it lives. @internal */
export const serveManager = task(import.meta, 'serveManager', (address: Address): Promise<never> => {
  // Those who are interrupted with it may need it to clean up, and end it then.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(0));
  const broker = new Broker();
  broker.find(NAMES, 'dict', {});
  broker.hold(NAMES);
  prepare(address.path);
  const server = serverOf(broker, Buffer.from(address.key, 'base64'));
  sweepPlaces();
  return new Promise<never>((_, reject) => server.once('error', reject).listen(address.path));
});
