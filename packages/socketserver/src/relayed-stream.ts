import { Duplex } from 'node:stream';
import { DATA, END, GONE, type Outlet, PASSED, postBytes, type RelayMessage, WINDOW } from './wire.ts';

/** The end of a relayed connection where its handler runs. @internal */
export class RelayedStream extends Duplex {
  private readonly outlet: Outlet;
  private readonly id: number;
  /** Received, and not asked for by anybody. */
  private held: number;
  /** Sent, and not passed on by the other end. */
  private ahead: number;
  private blocked: (() => void) | null;
  /** Whether the other end has closed it. */
  private over: boolean;

  constructor(outlet: Outlet, id: number) {
    super({ allowHalfOpen: true, highWaterMark: 65_536 });
    this.outlet = outlet;
    this.id = id;
    this.held = 0;
    this.ahead = 0;
    this.blocked = null;
    this.over = false;
  }

  receive(message: RelayMessage): void {
    if (this.destroyed) return;
    switch (message[0]) {
      case DATA: {
        const bytes = message[2];
        const more = this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
        if (more) this.outlet.postMessage([PASSED, this.id, bytes.length]);
        else this.held += bytes.length;
        return;
      }
      case PASSED: {
        this.ahead -= message[2];
        const { blocked } = this;
        if (blocked === null || this.ahead >= WINDOW) return;
        this.blocked = null;
        blocked();
        return;
      }
      case END:
        this.push(null);
        return;
      case GONE: {
        this.over = true;
        const why = message[2];
        if (typeof why === 'boolean') this.destroy();
        else this.destroy(Object.assign(new Error(why[1]), { code: why[0] }));
      }
    }
  }

  /** Without an error it is destroyed when all has been sent: a socket destroys its stream as soon as it is to send no more. */
  override destroy(error?: Error): this {
    if (error != null || !this.writableEnded || this.writableFinished || this.over)
      return super.destroy(error);
    return this.once('finish', () => super.destroy());
  }

  override _read(): void {
    if (this.held === 0) return;
    this.outlet.postMessage([PASSED, this.id, this.held]);
    this.held = 0;
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.ahead += bytes.length;
    postBytes(this.outlet, this.id, bytes);
    if (this.ahead < WINDOW) done();
    else this.blocked = done;
  }

  override _final(done: () => void): void {
    this.outlet.postMessage([END, this.id]);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.blocked = null;
    if (!this.over) this.outlet.postMessage([GONE, this.id, !this.writableFinished]);
    done(error);
  }
}
