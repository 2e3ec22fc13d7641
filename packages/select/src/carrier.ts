import { Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { fromNode, type OSError } from './errors.ts';

/** @internal */
export const OWNER: unique symbol = Symbol('socket');

/** Who hears of what a carrier does. @internal */
export interface Owner {
  /** Bytes have come: returns whether there may be more. */
  take(bytes: Buffer): boolean;
  /** The peer will send nothing more. */
  endReceiving(): void;
  /** There is room again. */
  drained(): void;
  /** The connection is broken, or was not made. */
  fail(error: OSError): void;
  /** Somebody else took the connection down. */
  wentAway(): void;
}

/** What carries the bytes: a `net.Socket`, a `tls.TLSSocket`, or one end of a pipe. @internal */
export type Carrier = Duplex & { [OWNER]?: Owner | null };

// Shared by all carriers, which therefore need no closures.

/** @internal */
export function onData(this: Carrier, bytes: Buffer): void {
  if (this[OWNER]?.take(bytes) === false) this.pause();
}

/** @internal */
export function onEnd(this: Carrier): void {
  this[OWNER]?.endReceiving();
}

/** @internal */
export function onDrain(this: Carrier): void {
  this[OWNER]?.drained();
}

/** Hears of errors; one of a connection that nobody has accepted yet is found when it is. @internal */
export function onError(this: Carrier, error: unknown): void {
  this[OWNER]?.fail(fromNode(error));
}

/** @internal */
export function onClose(this: Carrier): void {
  this[OWNER]?.wentAway();
}

/** Takes all of it back, so that another may carry its bytes. @internal */
export function letGo(carrier: Carrier): void {
  carrier[OWNER] = null;
  carrier.off('data', onData).off('end', onEnd).off('drain', onDrain).off('close', onClose);
}

/** Ends a connection at once; the peer hears that something was lost, if there is a way to tell. @internal */
export function breakOff(carrier: Carrier, lost: boolean): void {
  // Only TCP has one: anything else is simply gone.
  const tcp = carrier instanceof NetSocket && carrier.remoteFamily !== undefined && !('encrypted' in carrier);
  if (lost && tcp) carrier.resetAndDestroy();
  else carrier.destroy();
}
