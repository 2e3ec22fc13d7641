import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { transfer } from '@switchyard/remote';
import type { Peer } from '@switchyard/remote/core';
import { type Tenant, WorkerThread } from '@switchyard/threading/core';
import { addressOf } from './address.ts';
import type { Handed } from './handed.ts';
import { Relay } from './relay.ts';
import { serveInThread } from './serve-requests.ts';
import type { Hear, Way } from './way.ts';
import { DONE, type FromWorker, GIVE, KILL, type Outlet, READY, type RelayMessage, TAKEN } from './wire.ts';

/** What Node says of a connection that it could give to a thread, were it not for the state that it is in. */
const NOT_NOW = 'ERR_WORKER_HANDLE_NOT_TRANSFERABLE';

/** Whether this Node gives connections to threads: found out with the first one. */
let canTransfer = true;

/** A worker thread that handles connections: those themselves where Node can hand them over, otherwise their bytes. @internal */
export class ThreadWay implements Way, Tenant {
  readonly peer: Peer;
  readonly target: object;
  readonly args: readonly unknown[];
  readonly returns: boolean;
  private readonly thread: WorkerThread;
  private readonly port: MessagePort;
  private readonly relays: Map<number, Relay>;
  /** Whether bytes are relayed in any case. */
  private readonly always: boolean;

  constructor(name: string, hear: Hear, always: boolean) {
    const { port1, port2 } = new MessageChannel();
    this.target = serveInThread;
    this.args = [transfer(port2)];
    this.returns = false;
    this.port = port1;
    this.relays = new Map();
    this.always = always;
    port1.on('message', (message: FromWorker) => {
      const kind = message[0];
      if (kind === READY || kind === TAKEN || kind === DONE) hear(message);
      else this.relays.get(message[1])?.receive(message as RelayMessage);
    });
    port1.unref();
    this.thread = WorkerThread.lease(this, name, true);
    this.peer = this.thread.peer;
  }

  give(handed: Handed): void {
    const { id, socket, clientAddress } = handed;
    if (!this.always && canTransfer && !socket.destroyed) {
      try {
        this.port.postMessage([GIVE, id, clientAddress, null, socket], [socket as never]);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== NOT_NOW) canTransfer = false;
      }
    }
    const outlet = this.port as unknown as Outlet;
    const relay = new Relay(outlet, id, socket);
    this.relays.set(id, relay);
    handed.relay = relay;
    outlet.postMessage([GIVE, id, clientAddress, addressOf(socket.localAddress, socket.localPort)]);
    relay.start();
  }

  kill(id: number): void {
    this.port.postMessage([KILL, id]);
  }

  forget(id: number): void {
    this.relays.delete(id);
  }

  release(): Promise<void> | null {
    this.port.close();
    return this.thread.release();
  }

  force(): void {
    this.thread.kill();
  }

  exited(): void {
    this.port.close();
  }
}
