import type { Waitable } from '@switchyard/hub';
import { bodyStream } from './body-stream.ts';
import { NextChunk, WholeBody } from './body-waits.ts';
import type { Exchange } from './exchange.ts';
import { sentUrl } from './request.ts';
import { ResponseBody } from './response-body.ts';
import type { ChunkSource } from './wire-body.ts';

/**
 * What `fetch` gives: the standard's `Response`, whose readers are waitables. It is there as soon as the headers are;
 * the body comes meanwhile, and beyond 256 KiB waits in the server until it is read.
 *
 * A response with such a large body that is not read holds its connection: read it, or `cancel()` it. If neither is
 * done, `timeouts.idle` ends it. Small bodies need no care.
 */
export class Response implements Disposable {
  /** The HTTP status, such as 200. */
  readonly status: number;
  /** The text behind the status; servers may send none. */
  readonly statusText: string;
  private readonly exchange: Exchange;
  private readonly content: ResponseBody;
  private headerList: Headers | null;

  /** Made by `fetch` only. @internal */
  constructor(exchange: Exchange) {
    this.status = exchange.hop.status;
    this.statusText = exchange.hop.statusText;
    this.exchange = exchange;
    this.content = new ResponseBody(exchange);
    this.headerList = null;
  }

  /** Whether the status is one of success: 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  /** The URL of this response, after redirects; without a fragment. */
  get url(): string {
    return sentUrl(this.exchange.hop.request.url);
  }

  /** Whether redirects were followed. */
  get redirected(): boolean {
    return this.exchange.redirects > 0;
  }

  /** Always `basic`: nothing is hidden from a program that is no browser. */
  get type(): 'basic' {
    return 'basic';
  }

  /** The headers as they came, made into a `Headers` when first read. */
  get headers(): Headers {
    return (this.headerList ??= headersOf(this.exchange.hop.headers));
  }

  /** Whether somebody has begun to read the body, or has cancelled it. */
  get bodyUsed(): boolean {
    return this.content.used || this.content.cancelled;
  }

  /**
   * The body as a web stream, made when first read; null where there is none: after HEAD, and for 204, 205 and 304. The
   * server waits while the reader does. In a greenlet `chunks()` is the cheaper way.
   */
  get body(): ReadableStream<Uint8Array> | null {
    const { content } = this;
    if (content.none) return null;
    if (content.stream === null) {
      let source: ChunkSource | null = null;
      content.stream = bodyStream(content, () => (source ??= content.open(true)));
    }
    return content.stream;
  }

  /**
   * Waits for the whole body as text, read as UTF-8.
   *
   * @throws TypeError when the body has been read already
   * @throws FetchError when it did not arrive whole; a kill or a timeout closes the connection
   */
  text(): Waitable<string> {
    return new WholeBody(this.content, 'text', toText);
  }

  /**
   * Waits for the whole body as JSON; `T` is taken on trust.
   *
   * @throws SyntaxError when it is not JSON, with the URL in its message; otherwise like `text`
   */
  json<T = unknown>(): Waitable<T> {
    return new WholeBody<T>(this.content, 'json', toJson as (bytes: Buffer, body: ResponseBody) => T);
  }

  /** Waits for the whole body as an `ArrayBuffer` of its own. Throws like `text`. */
  arrayBuffer(): Waitable<ArrayBuffer> {
    return new WholeBody(this.content, 'arrayBuffer', toArrayBuffer);
  }

  /** Waits for the whole body as bytes with an `ArrayBuffer` of their own. Throws like `text`. */
  bytes(): Waitable<Uint8Array<ArrayBuffer>> {
    return new WholeBody(this.content, 'bytes', toBytes);
  }

  /** Waits for the whole body as a `Blob` with the type that the server says. Throws like `text`. */
  blob(): Waitable<Blob> {
    const type = this.headers.get('content-type') ?? '';
    return new WholeBody(this.content, 'blob', (bytes) => new Blob([toBytes(bytes)], { type }));
  }

  /**
   * The body piece by piece, as it comes; the server waits while the reader does. To be read once, by one greenlet.
   *
   * ```ts
   * const chunks = response.chunks();
   * for (let next = yield* chunks.next(); !next.done; next = yield* chunks.next()) file.write(next.value);
   *
   * for await (const chunk of response.chunks()) file.write(chunk); // in async code
   * ```
   */
  chunks(): Chunks {
    return new Chunks(this.content);
  }

  /**
   * Gives up the body: closes the connection unless the body is complete. What waits for it fails, and what reads it
   * later throws a TypeError.
   */
  cancel(): void {
    this.content.cancel(new TypeError(`The body of ${this.content.where} was cancelled`));
  }

  /** `cancel()`: `using response = yield* fetch(url)` leaves no connection behind. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  /** @throws TypeError always: a body is read once. Keep what `bytes()` gives, and use it twice. */
  clone(): never {
    throw new TypeError(
      'A response of this fetch cannot be cloned: keep what bytes() or text() gives, and use it twice',
    );
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Response { ${this.status} ${this.url} }`;
  }
}

/** The pieces of a body. Each `next()` is a waitable; in async code `for await` reads it. */
export class Chunks {
  private readonly content: ResponseBody;
  private readonly source: () => ChunkSource;

  /** @internal */
  constructor(content: ResponseBody) {
    let source: ChunkSource | null = null;
    this.content = content;
    this.source = () => (source ??= content.open(false));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Waits for the next piece: bytes that may share memory with others, so copy what is to be transferred.
   *
   * @throws TypeError when the body has been read otherwise
   * @throws FetchError when the rest does not arrive; a kill or a timeout closes the connection
   * @throws ConcurrentObjectUseError when another greenlet waits for the next piece
   */
  next(): Waitable<IteratorResult<Uint8Array, undefined>> {
    return new NextChunk(this.content, this.source);
  }

  /** Gives up the rest, as leaving a `for await` early does. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.content.cancel(new TypeError(`The body of ${this.content.where} was cancelled`));
    return { done: true, value: undefined };
  }
}

function headersOf(received: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const name of Object.keys(received)) {
    const value = received[name];
    if (typeof value === 'string') headers.append(name, value);
    else if (value !== undefined) for (const one of value) headers.append(name, one);
  }
  return headers;
}

function toText(bytes: Buffer): string {
  const marked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', marked ? 3 : 0);
}

function toJson(bytes: Buffer, body: ResponseBody): unknown {
  try {
    return JSON.parse(toText(bytes));
  } catch (cause) {
    throw new SyntaxError(`The body of ${body.where} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function toBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const whole = bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer as ArrayBuffer) : new Uint8Array(bytes);
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return toBytes(bytes).buffer;
}
