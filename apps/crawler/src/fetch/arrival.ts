/** What came back for one request, before anybody looked into it. Plain data; `body` can be transferred. */
export interface Arrival {
  readonly type: 'arrival';
  readonly status: number;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  readonly contentType: string | undefined;
  /** The `X-Robots-Tag` header. */
  readonly robotsTag: string | undefined;
  /** After decompression; `undefined` when it was not read: an error, a redirect, a type that is no page. */
  readonly body: Uint8Array | undefined;
  /** Bytes of the body on the wire. */
  readonly wireBytes: number;
  /** Milliseconds from the start to the headers, and from there to the end of the body. */
  readonly timings: { readonly headers: number; readonly body: number };
}
