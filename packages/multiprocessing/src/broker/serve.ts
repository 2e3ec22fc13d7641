import { createServer, type Server } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { task } from '@switchyard/remote';
import type { Address } from '../address.ts';
import { authenticate } from '../authentication.ts';
import { PortTransport, SocketTransport, type Transport } from '../transport.ts';
import { Entrance } from '../two-ways.ts';
import { hasBody, type ToBroker, type ToClient } from '../wire.ts';
import { Broker } from './broker.ts';

/** What the broker's thread runs, for as long as the process lives. @internal */
export const serve = task(import.meta, 'serve', (port: MessagePort, address: Address): Promise<never> => {
  const broker = new Broker();
  const key = Buffer.from(address.key, 'base64');
  admit(broker, new PortTransport<ToBroker, ToClient>(port, { received() {}, lost() {} }));
  return new Promise<never>((_, reject) => serverOf(broker, key).once('error', reject).listen(address.path));
});

/** Lets those who know the key use a broker. @param patience see `authenticate` @internal */
export function serverOf(broker: Broker, key: Uint8Array, patience?: number): Server {
  const entrance = new Entrance((ways) =>
    admit(broker, new SocketTransport(ways, { received() {}, lost() {} }, hasBody)),
  );
  return createServer((socket) => {
    const done = (error: Error | null): void => {
      if (error === null) entrance.come(socket);
    };
    authenticate(socket, key, 'server', done, patience);
  });
}

/** Has a broker serve whoever is on the other side. @internal */
export function admit(broker: Broker, transport: Transport<ToBroker, ToClient>): void {
  const client = broker.connect((message, body) => transport.post(message, body));
  transport.listener = {
    received: (message, body) => client.receive(message, body),
    lost: () => client.gone(),
  };
}
