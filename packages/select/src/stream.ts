import { Socket as NetSocket } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import { Ring } from '@switchyard/hub/core';
import { breakOff, type Carrier, letGo, onClose, onData, onDrain, onEnd, onError, OWNER } from './carrier.ts';
import { uncorkLater } from './cork.ts';
import { type OSError, osError, wouldBlock } from './errors.ts';
import { DEAD_ENDS, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP } from './events.ts';
import { BUFFER, emptyPlan, type Plan } from './plan.ts';
import { Pollable } from './pollable.ts';

/** Neither connected nor listening. @internal */
export const FRESH = 0;
/** @internal */
export const CONNECTING = 1;
/** Has, or had, a connection. @internal */
export const CONNECTED = 2;
/** @internal */
export const LISTENING = 3;

/** Smaller pieces that are sent in the same turn go out together. */
const SMALL = 4096;

// Of a connection, in one word: ten thousand of them may idle.
/** What is received is not read on, as enough of it waits. */
const PAUSED = 1;
/** What is sent goes out when the turn is over. */
const CORKED = 2;
/** It is told when there is room again. */
const DRAINS = 4;
/** The peer has ended what it sends, or this side wants no more of it. */
const RECEIVED = 8;
/** This side has ended what it sends. */
const SENT = 16;
/** `copies`. */
const COPIES = 32;

const NOTHING = Buffer.alloc(0);

/**
 * The bytes of a connection: what has come and not been received, what has been sent and not been taken by the kernel, and
 * how either direction ended. Everything is there before anybody asks, so that no operation ever waits.
 */
export abstract class StreamSocket extends Pollable {
  /** FRESH, CONNECTING, CONNECTED or LISTENING. @internal */
  protected state: number;
  /** @internal */
  protected carrier: Carrier | null;
  /** The error that is told of next. @internal */
  protected error: OSError | null;
  /** What few sockets need. @internal */
  protected plan: Plan | null;
  private flags: number;
  // The oldest bytes have a slot of their own: mostly there are no others.
  private head: Buffer | null;
  private more: Ring<Buffer> | null;
  private length: number;

  constructor(events: number) {
    super(events);
    this.state = FRESH;
    this.carrier = null;
    this.error = null;
    this.plan = null;
    this.flags = 0;
    this.head = null;
    this.more = null;
    this.length = 0;
  }

  /** Whether `send` copies what it is given. Without that it must stay as it is until the kernel has taken it. */
  get copies(): boolean {
    return (this.flags & COPIES) !== 0;
  }

  set copies(flag: boolean) {
    this.set(COPIES, flag);
  }

  /**
   * Receives at most `size` bytes.
   *
   * @returns the bytes; none when the peer has ended the connection, and for a size of 0
   * @throws BlockingIOError when there is nothing yet; OSError with the error of the connection, once; RangeError and
   *   TypeError for another size
   */
  recv(size: number): Buffer {
    const bytes = this.tryRecv(size);
    if (bytes === null) throw wouldBlock('EAGAIN', 'recv: nothing to receive yet');
    return bytes;
  }

  /** As `recv`, but null when there is nothing yet. */
  tryRecv(size: number): Buffer | null {
    if (!Number.isInteger(size) || size < 0) throw badSize(size);
    const { head } = this;
    if (head === null) return this.receiveNothing(size);
    let bytes = head;
    if (bytes.length <= size) {
      this.head = null;
      if (this.length > bytes.length) bytes = this.coalesce(bytes, size);
    } else {
      this.head = bytes.subarray(size);
      bytes = bytes.subarray(0, size);
    }
    this.length -= bytes.length;
    if (this.length === 0 && (this.flags & RECEIVED) === 0 && this.error === null) this.events &= ~POLLIN;
    if ((this.flags & PAUSED) !== 0 && this.length <= this.receiveBuffer >> 1) {
      this.flags &= ~PAUSED;
      this.carrier?.resume();
    }
    return bytes;
  }

  /**
   * Receives into a buffer of yours.
   *
   * @returns how many bytes; 0 when the peer has ended the connection
   * @throws as `recv`
   */
  recvInto(target: Uint8Array): number {
    const size = this.tryRecvInto(target);
    if (size === null) throw wouldBlock('EAGAIN', 'recvInto: nothing to receive yet');
    return size;
  }

  /** As `recvInto`, but null when there is nothing yet. */
  tryRecvInto(target: Uint8Array): number | null {
    const bytes = this.tryRecv(checkBytes(target, 'recvInto').length);
    if (bytes === null) return null;
    target.set(bytes);
    return bytes.length;
  }

  /**
   * Sends as much of it as there is room for. Unless `copies` is set, the bytes must stay as they are until the kernel has
   * taken them.
   *
   * @returns how many bytes of it
   * @throws BlockingIOError when there is no room; BrokenPipeError when the connection has ended; OSError with the error of
   *   the connection, once; TypeError when it is no bytes
   */
  send(data: Uint8Array): number {
    const size = this.trySend(data);
    if (size === null) throw wouldBlock('EAGAIN', 'send: no room to send');
    return size;
  }

  /** As `send`, but null when there is no room. */
  trySend(data: Uint8Array): number | null {
    const { carrier } = this;
    if (!(data instanceof Uint8Array)) checkBytes(data, 'send');
    if (this.state !== CONNECTED || (this.flags & SENT) !== 0 || this.error !== null || carrier === null) {
      return this.sendNothing(data);
    }
    const limit = carrier.writableHighWaterMark;
    let room = limit - carrier.writableLength;
    if ((this.flags & CORKED) !== 0 && (room <= 0 || data.length >= SMALL)) {
      // The kernel has not been asked yet what it takes.
      this.uncork();
      room = limit - carrier.writableLength;
    }
    if (room <= 0) {
      this.full(carrier);
      return null;
    }
    let bytes = data.length > room ? data.subarray(0, room) : data;
    if (bytes.length < SMALL && (this.flags & CORKED) === 0) {
      this.flags |= CORKED;
      carrier.cork();
      uncorkLater(this);
    }
    const size = bytes.length;
    if ((this.flags & COPIES) !== 0) bytes = Buffer.from(bytes);
    carrier.write(bytes);
    if (carrier.writableLength >= limit) this.full(carrier);
    return size;
  }

  /**
   * Sends all of it, if there is room for all. For more than that use `sockSendall`, which waits for room.
   *
   * @throws BlockingIOError when there was no room for the rest: the message says how much has been sent; otherwise as `send`
   */
  sendall(data: Uint8Array): void {
    let sent = 0;
    do {
      const size = this.trySend(sent === 0 ? data : data.subarray(sent));
      if (size === null) throw wouldBlock('EAGAIN', `sendall: no room after ${sent} of ${data.length} bytes`);
      sent += size;
    } while (sent < data.length);
  }

  /** Takes the error that waits. @internal */
  takeError(): OSError | null {
    const { error } = this;
    if (error === null) return null;
    this.error = null;
    this.events &= ~POLLERR;
    return error;
  }

  /** Has a connection carried, from now on or when it is there. @internal */
  protected attach(carrier: Carrier, state: typeof CONNECTING | typeof CONNECTED): void {
    // One that could not connect has nothing more to say.
    if (this.carrier !== null) letGo(this.carrier);
    this.carrier = carrier;
    this.state = state;
    this.flags &= ~DRAINS;
    carrier[OWNER] = this;
    carrier.allowHalfOpen = true;
    // Each listener is memory of every connection that idles: those that few of them need are added when they do.
    if (carrier.listenerCount('error', onError) === 0) carrier.on('error', onError);
    carrier.on('end', onEnd);
    if (state === CONNECTING) {
      this.flags &= ~(RECEIVED | SENT);
      this.events = 0;
      return;
    }
    const received = !carrier.readable;
    const sent = !carrier.writable;
    this.set(RECEIVED, received);
    this.set(SENT, sent);
    // A direction that a pipe never had is never ready; one that has ended is. Node calls both of them ended.
    const over = carrier.destroyed;
    const pipe = carrier instanceof NetSocket && carrier.remoteFamily === undefined;
    const ended = over || !pipe || received === sent;
    this.events =
      (received && ended && (over || carrier.readableEnded) ? POLLIN | POLLRDHUP : 0) |
      (!sent || (ended && (over || carrier.writableEnded)) ? POLLOUT : 0) |
      (received && sent ? POLLHUP : 0);
  }

  /**
   * Waits for another carrier, which will carry what this one does now. @throws OSError when this one has ended, or has brought
   * what nobody has received @internal
   */
  protected interrupt(): void {
    const { carrier } = this;
    if (carrier === null) return;
    if ((this.flags & (RECEIVED | SENT)) !== 0 || this.error !== null || this.length > 0) {
      const why = this.length > 0 ? `with ${this.length} bytes to receive` : 'whose connection has ended';
      throw osError('EINVAL', `wrapSocket of a ${this.describe()} ${why}`);
    }
    this.uncork();
    letGo(carrier);
    carrier[OWNER] = this;
    this.state = CONNECTING;
    this.events = 0;
  }

  /** Hears of it when somebody else takes the connection down. @internal */
  protected guard(): void {
    this.carrier?.on('close', onClose);
  }

  /** Has what the carrier reads come here, unless it is read by way of `take`. @internal */
  protected flow(): void {
    const { carrier } = this;
    if (carrier === null || (this.flags & RECEIVED) !== 0) return;
    carrier.on('data', onData);
    carrier.resume();
  }

  /** The connection is there. @internal */
  connected(): void {
    if (this.closed || this.state !== CONNECTING) return;
    this.state = CONNECTED;
    this.edge(POLLOUT);
  }

  /** Bytes have come: returns whether there may be more. @internal */
  take(bytes: Buffer): boolean {
    if (this.closed) {
      // The kernel answers what comes for a closed socket with a reset.
      if (this.carrier !== null) breakOff(this.carrier, true);
      return false;
    }
    if ((this.flags & RECEIVED) !== 0) return true;
    if (this.head === null) this.head = bytes;
    else (this.more ??= new Ring()).push(bytes);
    this.length += bytes.length;
    const full = this.length >= this.receiveBuffer;
    if (full) this.flags |= PAUSED;
    this.edge(POLLIN);
    return !full;
  }

  /** The connection is broken, or was not made. @internal */
  fail(error: OSError): void {
    if (this.closed) return;
    // What came before the error is received before the error.
    const { carrier } = this;
    if (carrier !== null && (this.flags & RECEIVED) === 0) {
      for (
        let rest = carrier.read() as Buffer | null;
        rest !== null;
        rest = carrier.read() as Buffer | null
      ) {
        this.take(rest);
      }
    }
    this.state = CONNECTED;
    this.error = error;
    this.flags = (this.flags & ~PAUSED) | RECEIVED | SENT;
    this.edge(POLLERR | DEAD_ENDS);
  }

  /** The peer will send nothing more. @internal */
  endReceiving(): void {
    if ((this.flags & RECEIVED) !== 0 || this.closed) return;
    this.flags |= RECEIVED;
    this.edge(POLLIN | POLLRDHUP | ((this.flags & SENT) !== 0 ? POLLHUP : 0));
  }

  /** This side will send nothing more; what it has sent still arrives. @internal */
  protected endSending(): void {
    if ((this.flags & SENT) !== 0) return;
    this.flags |= SENT;
    this.uncork();
    this.carrier?.end();
    this.edge(POLLOUT | ((this.flags & RECEIVED) !== 0 ? POLLHUP : 0));
  }

  /** Lets go of the connection: at once when something has not been received, otherwise when all has been sent. @internal */
  protected release(): void {
    const { carrier } = this;
    const unread = this.length > 0 || (carrier !== null && carrier.readableLength > 0);
    this.head = null;
    this.more = null;
    this.length = 0;
    this.error = null;
    this.flags |= SENT;
    if (carrier === null) return;
    this.uncork();
    if (unread || this.state === CONNECTING) breakOff(carrier, unread);
    else if (carrier instanceof NetSocket) carrier.destroySoon();
    else if (carrier.writable) carrier.end(() => void carrier.destroy());
    else carrier.destroy();
  }

  /** @internal */
  wentAway(): void {
    if (this.closed || (this.flags & (RECEIVED | SENT)) === (RECEIVED | SENT)) return;
    this.flags |= RECEIVED | SENT;
    this.edge(DEAD_ENDS);
  }

  /** @internal */
  drained(): void {
    const { carrier } = this;
    if (this.closed || carrier === null || (this.events & POLLOUT) !== 0 || this.state !== CONNECTED) return;
    if (carrier.writableLength < carrier.writableHighWaterMark) this.edge(POLLOUT);
  }

  /** @internal */
  uncork(): void {
    if ((this.flags & CORKED) === 0) return;
    this.flags &= ~CORKED;
    this.carrier?.uncork();
  }

  /** How much is received ahead. @internal */
  get receiveBuffer(): number {
    return this.plan === null ? BUFFER : this.plan.receiveLimit;
  }

  /** What few sockets need, for one that does. @internal */
  planned(): Plan {
    return (this.plan ??= emptyPlan());
  }

  private set(flag: number, on: boolean): void {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
  }

  private full(carrier: Carrier): void {
    this.events &= ~POLLOUT;
    if ((this.flags & DRAINS) !== 0) return;
    this.flags |= DRAINS;
    carrier.on('drain', onDrain);
  }

  // More than one piece has come: as many of them as fit.
  private coalesce(first: Buffer, size: number): Buffer {
    const more = this.more as Ring<Buffer>;
    const pieces = [first];
    let room = size - first.length;
    while (room > 0 && more.length > 0) {
      const piece = more.shift();
      pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
      if (piece.length > room) this.head = piece.subarray(room);
      room -= Math.min(room, piece.length);
    }
    if (this.head === null && more.length > 0) this.head = more.shift();
    return pieces.length === 1 ? first : Buffer.concat(pieces);
  }

  private receiveNothing(size: number): Buffer | null {
    this.checkOpen('recv');
    const error = this.takeError();
    if (error !== null) throw error;
    if (this.state === FRESH || this.state === LISTENING) {
      throw osError('ENOTCONN', `recv on a ${this.describe()} that is not connected`);
    }
    if ((this.flags & RECEIVED) !== 0 || size === 0) return NOTHING;
    this.events &= ~POLLIN;
    return null;
  }

  private sendNothing(data: Uint8Array): null {
    this.checkOpen('send');
    const error = this.takeError();
    if (error !== null) throw error;
    if (this.state === CONNECTING) return null;
    const why = this.state === CONNECTED ? 'whose connection has ended' : 'that is not connected';
    throw osError('EPIPE', `send of ${data.length} bytes on a ${this.describe()} ${why}`);
  }
}

function badSize(size: unknown): Error {
  const message = `Expected a whole number of bytes from 0 up for recv, got ${show(size)}`;
  return typeof size === 'number' ? new RangeError(message) : new TypeError(message);
}

/** @throws TypeError @internal */
export function checkBytes(data: unknown, verb: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new TypeError(`Expected bytes for ${verb}, as of Buffer.from(text), got ${show(data)}`);
}
