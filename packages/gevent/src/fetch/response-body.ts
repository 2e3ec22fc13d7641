import { ConcurrentObjectUseError } from '@switchyard/hub';
import { codingsOf, type Coding } from './codings.ts';
import { Collector } from './collector.ts';
import { DecompressionError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { Inflater, type InflateContext } from './inflater.ts';
import { sentUrl } from './request.ts';
import type { ChunkSource, WireBody } from './wire-body.ts';

/** The body of a response before anybody reads it, and the rule that only one does. @internal */
export class ResponseBody {
  /** There is no body at all: a HEAD, or a status that has none. */
  readonly none: boolean;
  /** Somebody has begun to read it. */
  used: boolean;
  /** The web stream, once it has been asked for. */
  stream: ReadableStream<Uint8Array> | null;
  private readonly exchange: Exchange;
  private readonly wire: WireBody;
  /** Nobody wants it any more. */
  cancelled: boolean;
  /** A chunk is being waited for. */
  private waiting: boolean;

  constructor(exchange: Exchange) {
    const { request, status, body } = exchange.hop;
    this.none = request.method === 'HEAD' || status === 204 || status === 205 || status === 304;
    this.used = false;
    this.stream = null;
    this.exchange = exchange;
    this.wire = body!;
    this.cancelled = false;
    this.waiting = false;
  }

  /**
   * Reads all of it into one piece.
   * @throws TypeError when somebody has read it already
   */
  collect(): Collector {
    this.claim(false);
    return new Collector(this.wire, this.codings(), this.context);
  }

  /**
   * Reads it piece by piece, for the web stream or for `chunks()`.
   * @throws TypeError when somebody has read it already
   */
  open(forStream: boolean): ChunkSource {
    this.claim(forStream);
    const codings = this.codings();
    return codings.length === 0 ? this.wire : new Inflater(this.wire, codings, this.context);
  }

  /** Gives up the rest of it, and the connection with it. */
  cancel(reason: unknown): void {
    this.cancelled = true;
    this.exchange.abort(reason);
  }

  /** One reader fails, or is killed: the rest is of no use. */
  abort(reason: unknown): void {
    this.exchange.abort(reason);
  }

  /** Enters the wait for a chunk, which only one may be in. */
  enter(): void {
    if (this.waiting) {
      throw new ConcurrentObjectUseError(
        `Two greenlets read the body of ${this.where}: let one read and hand out the chunks`,
      );
    }
    this.waiting = true;
  }

  leave(): void {
    this.waiting = false;
  }

  /** For messages. */
  get where(): string {
    const { method, url } = this.exchange.hop.request;
    return `${method} ${sentUrl(url)}`;
  }

  private claim(forStream: boolean): void {
    if (this.cancelled)
      throw new TypeError(`The body of ${this.where} was cancelled: there is nothing to read`);
    if (this.used || (this.stream?.locked === true && !forStream)) {
      throw new TypeError(
        `The body of ${this.where} has been read already: read it once and keep the result`,
      );
    }
    this.used = true;
    this.exchange.hop.claim();
  }

  private codings(): readonly Coding[] {
    if (!this.exchange.settings.decompress) return [];
    const codings = codingsOf(this.exchange.hop.headers['content-encoding']);
    if (typeof codings !== 'string') return codings;
    const error = new DecompressionError(
      `fetch failed: ${this.where}: ${codings}; decompress: false gives it as it came`,
      this.context.url,
    );
    this.abort(error);
    throw error;
  }

  private get context(): InflateContext {
    const { method, url } = this.exchange.hop.request;
    return { method, url: sentUrl(url), limit: this.exchange.settings.maxInflated };
  }
}
