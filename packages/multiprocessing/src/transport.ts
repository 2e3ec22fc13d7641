import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { FrameReader, FrameWriter } from '@switchyard/remote/core';
import type { TwoWays } from './two-ways.ts';

/** A way to somebody else: messages, each with bytes behind it or without. @internal */
export interface Transport<In, Out> {
  /** Who hears what comes, and that nothing will come any more. */
  listener: TransportListener<In>;
  /** Sends a message, with all others of this turn. */
  post(message: Out, body: Uint8Array | null): void;
  /** Sends what has been posted now. */
  flush(): void;
  /** How many bytes wait to be sent. */
  readonly backlog: number;
  /** Whether it keeps this process alive. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** @internal */
export interface TransportListener<In> {
  received(message: In, body: Uint8Array | null): void;
  lost(error: Error | null): void;
}

/** When one of the two sockets is closed, the other one is at the latest in so many milliseconds. */
const PATIENCE = 10_000;
/** So many bytes a message has beside its body, more or less. */
const MESSAGE = 64;

function sizeOf(body: Uint8Array | null): number {
  return body === null ? MESSAGE : MESSAGE + body.length;
}

/** To another thread of this process. @internal */
export class PortTransport<In, Out> implements Transport<In, Out> {
  listener: TransportListener<In>;
  /** Nobody knows how much of what was sent has come: this is what waits for the end of this turn. */
  backlog: number;
  private readonly port: MessagePort;
  /** What has been posted in this turn: messages, and the body of each. */
  private posted: (Out | Uint8Array | null)[];

  constructor(port: MessagePort, listener: TransportListener<In>) {
    this.listener = listener;
    this.backlog = 0;
    this.port = port;
    this.posted = [];
    port.on('message', (posted: (In | Uint8Array | null)[]) => {
      for (let at = 0; at < posted.length; at += 2) {
        this.listener.received(posted[at] as In, posted[at + 1] as Uint8Array | null);
      }
    });
    port.on('close', () => this.listener.lost(null));
  }

  post(message: Out, body: Uint8Array | null): void {
    this.backlog += sizeOf(body);
    if (this.posted.push(message, body) === 2) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const { posted } = this;
    if (posted.length === 0) return;
    this.posted = [];
    this.backlog = 0;
    this.port.postMessage(posted);
  }

  ref(): void {
    this.port.ref();
  }

  unref(): void {
    this.port.unref();
  }

  close(): void {
    this.port.close();
  }
}

/** Over two sockets, one for each direction. @internal */
export class SocketTransport<In extends readonly unknown[], Out> implements Transport<In, Out> {
  listener: TransportListener<In>;
  private readonly incoming: Socket;
  private readonly outgoing: Socket;
  private readonly hasBody: (message: In) => boolean;
  private readonly writer: FrameWriter;
  private due: boolean;
  /** How many bytes wait for the end of this turn. */
  private posted: number;
  /** A message whose body comes next. */
  private pending: In | null;
  private error: Error | null;

  /** @param hasBody whether bytes come behind a message */
  constructor(
    { incoming, outgoing }: TwoWays,
    listener: TransportListener<In>,
    hasBody: (message: In) => boolean,
  ) {
    this.listener = listener;
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.hasBody = hasBody;
    this.writer = new FrameWriter();
    this.due = false;
    this.posted = 0;
    this.pending = null;
    this.error = null;
    const reader = new FrameReader((frame: In | Uint8Array) => this.frame(frame));
    incoming.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        incoming.destroy(error as Error);
      }
    });
    incoming.on('error', (error) => (this.error = error));
    incoming.on('close', () => {
      outgoing.destroy();
      this.listener.lost(this.error);
    });
    // All that was said before is read; when nothing more comes, the other side closes both.
    outgoing.on('error', () => {});
    outgoing.on('close', () => setTimeout(() => incoming.destroy(), PATIENCE).unref());
    // To learn of its end.
    outgoing.resume();
    incoming.resume();
  }

  get backlog(): number {
    return this.outgoing.writableLength + this.posted;
  }

  post(message: Out, body: Uint8Array | null): void {
    this.writer.add(message as unknown as Uint8Array);
    if (body !== null) this.writer.add(body);
    this.posted += sizeOf(body);
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => this.flush());
  }

  flush(): void {
    if (!this.due) return;
    this.due = false;
    this.posted = 0;
    const bytes = this.writer.take();
    const { outgoing } = this;
    if (!outgoing.writable) return;
    outgoing.write(bytes);
    // Not all of it is gone.
    if (outgoing.writableLength > 0) this.writer.keep();
  }

  ref(): void {
    this.incoming.ref();
    this.outgoing.ref();
  }

  unref(): void {
    this.incoming.unref();
    this.outgoing.unref();
  }

  close(): void {
    this.flush();
    this.outgoing.end();
  }

  private frame(frame: In | Uint8Array): void {
    const { pending } = this;
    if (pending !== null) {
      this.pending = null;
      this.listener.received(pending, frame as Uint8Array);
    } else if (this.hasBody(frame as In)) this.pending = frame as In;
    else this.listener.received(frame as In, null);
  }
}
