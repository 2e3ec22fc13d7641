import type { Coding } from './codings.ts';
import { Inflater, inflatesTooMuch, notWhatItSays, type InflateContext } from './inflater.ts';
import type { WireBody } from './wire-body.ts';

/** Bodies up to this size, as they travel, are decompressed in one go: a stream of zlib's costs several times as much. */
const SMALL = 64 * 1024;
/** Unless they turn into more than this, which would keep the event loop waiting for milliseconds. */
const SMALL_INFLATED = 1024 * 1024;

/** Reads a whole body into one piece. @internal */
export class Collector {
  /** Called when `poll` may have something. */
  changed: (() => void) | null;
  private readonly wire: WireBody;
  private readonly codings: readonly Coding[];
  private readonly context: InflateContext;
  private inflater: Inflater | null;
  private readonly pieces: Uint8Array[];

  constructor(wire: WireBody, codings: readonly Coding[], context: InflateContext) {
    this.changed = null;
    this.wire = wire;
    this.codings = codings;
    this.context = context;
    this.inflater = null;
    this.pieces = [];
    wire.changed = () => {
      const small = codings.length === 0 || wire.buffered <= SMALL;
      if (wire.complete || wire.failure !== null || !small) this.changed?.();
    };
    wire.wantAll(true);
  }

  /**
   * The whole body, or null when it has not come yet.
   * @throws whatever the body failed with
   */
  poll(): Buffer | null {
    const { wire, codings } = this;
    if (wire.failure !== null) throw wire.failure.error;
    if (this.inflater === null) {
      if (codings.length === 0) return wire.complete ? wire.readAll() : null;
      if (!wire.complete && wire.buffered <= SMALL) return null;
      const whole = wire.complete ? this.inflateSmall() : null;
      if (whole !== null) return whole;
      // What has come lies in the buffer; the rest comes as it is used up.
      wire.wantAll(false);
      this.inflater = new Inflater(wire, codings, this.context);
      this.inflater.changed = () => this.changed?.();
    }
    const { inflater } = this;
    for (let piece = inflater.read(); piece !== null; piece = inflater.read()) this.pieces.push(piece);
    if (inflater.failure !== null) throw inflater.failure.error;
    return inflater.ended ? Buffer.concat(this.pieces) : null;
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.changed = null;
    this.wire.changed = null;
    this.inflater?.stop();
  }

  private inflateSmall(): Buffer | null {
    const wired = this.wire.readAll();
    if (wired.length === 0) return wired;
    const { limit } = this.context;
    let data = wired;
    let coding = this.codings[0]!;
    try {
      if (wired.length <= SMALL) {
        for (coding of this.codings) data = coding.all(data, Math.min(limit, SMALL_INFLATED));
        return data;
      }
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') {
        throw notWhatItSays(coding, error, this.context);
      }
      if (limit <= SMALL_INFLATED) throw inflatesTooMuch(this.context);
    }
    this.wire.unread(wired);
    return null;
  }
}
