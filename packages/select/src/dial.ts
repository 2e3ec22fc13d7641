import { connect as netConnect, type Socket as NetSocket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Address } from './address.ts';
import { AF_INET, AF_INET6, type AddressFamily } from './constants.ts';
import type { Plan } from './plan.ts';

// Node reads into it and calls back at once, so that all sockets can share it; with Windows' completions they cannot.
const shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(65_536);

/** Whether `dial` hands on what is received by itself; otherwise the carrier does, as any other. @internal */
export const READS = shared !== null;

/** Who wants to connect. @internal */
export interface Dialler {
  readonly family: AddressFamily;
  /** Bytes have come: returns whether there may be more. */
  take(bytes: Buffer): boolean;
  /** The connection is there; with TLS, both sides have agreed. */
  connected(): void;
}

/** Begins to connect. @internal */
export function dial(dialler: Dialler, address: Address, plan: Plan): NetSocket {
  const from = typeof plan.address === 'string' || plan.address === null ? undefined : plan.address;
  const options = {
    ...(typeof address === 'string'
      ? { path: address }
      : { host: address[0] || 'localhost', port: address[1] }),
    ...(from === undefined ? {} : { localAddress: from[0], localPort: from[1] }),
    family: dialler.family === AF_INET6 ? 6 : dialler.family === AF_INET ? 4 : 0,
    autoSelectFamily: false,
    allowHalfOpen: true,
    noDelay: plan.noDelay,
    keepAlive: plan.keepAlive,
    highWaterMark: plan.sendLimit,
    ...readInto(dialler),
  };
  const carrier = plan.tls === null ? netConnect(options) : tlsConnect({ ...plan.tls, ...options });
  carrier.once(plan.tls === null ? 'connect' : 'secureConnect', () => dialler.connected());
  return carrier;
}

// Node hands out the buffer that it has read into, and at once: the copy is as long as what has come.
function readInto(dialler: Dialler) {
  if (shared === null) return {};
  const callback = (size: number, bytes: Uint8Array): boolean =>
    dialler.take(Buffer.from(bytes.subarray(0, size)));
  return { onread: { buffer: shared, callback } };
}
