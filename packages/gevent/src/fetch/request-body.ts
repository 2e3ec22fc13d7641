import { Readable } from 'node:stream';
import { multipart } from './multipart.ts';
import { show } from '@switchyard/greenlet/scheduler';
import { Upload } from './upload.ts';

/** What a request can carry. A text is sent as UTF-8. Of an async iterable (and a stream) each chunk is sent as it comes. */
export type FetchBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | URLSearchParams
  | Blob
  | FormData
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** A body ready to be sent. @internal */
export interface RequestBody {
  /** Its `content-type`, for a request that gives none. */
  readonly contentType: string | null;
  /** Its `content-length` where that is known before it is read and undici cannot see it. */
  readonly length: number | null;
  /** Whether `open` may be called again, for a redirect that repeats the request. */
  readonly replayable: boolean;
  /** What undici sends. @throws TypeError when it is not replayable and has been opened */
  open(): string | Uint8Array | Blob | Upload;
}

/** @throws TypeError for what cannot be sent, naming it @internal */
export function requestBody(body: FetchBody): RequestBody {
  if (typeof body === 'string') return new FixedBody(body, 'text/plain;charset=UTF-8');
  if (ArrayBuffer.isView(body))
    return new FixedBody(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), null);
  if (body instanceof ArrayBuffer) return new FixedBody(new Uint8Array(body), null);
  if (body instanceof URLSearchParams) {
    return new FixedBody(body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  if (body instanceof Blob) return new FixedBody(body, body.type === '' ? null : body.type);
  if (isFormData(body)) return multipart(body);
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return new StreamedBody(body);
  throw new TypeError(
    `Expected \`body\` to be a string, bytes, URLSearchParams, FormData, a Blob, a stream or an async iterable, got ` +
      `${show(body)}${typeof body === 'object' ? ': JSON is sent as JSON.stringify(value)' : ''}`,
  );
}

/** By its tag: the FormData of the undici package is as good as Node's own. */
function isFormData(body: object): body is FormData {
  return Object.prototype.toString.call(body) === '[object FormData]';
}

class FixedBody implements RequestBody {
  readonly contentType: string | null;
  readonly length = null;
  readonly replayable = true;
  readonly #content: string | Uint8Array | Blob;

  constructor(content: string | Uint8Array | Blob, contentType: string | null) {
    this.#content = content;
    this.contentType = contentType;
  }

  open(): string | Uint8Array | Blob {
    return this.#content;
  }
}

class StreamedBody implements RequestBody {
  readonly contentType = null;
  readonly length = null;
  readonly replayable = false;
  readonly #chunks: AsyncIterable<unknown>;
  #opened = false;

  constructor(chunks: AsyncIterable<unknown>) {
    if (
      (chunks as Partial<ReadableStream>).locked === true ||
      Readable.isDisturbed(chunks as unknown as Readable)
    ) {
      throw new TypeError(
        'Expected a `body` that nobody has read from, got a stream that is locked or already used',
      );
    }
    this.#chunks = chunks;
  }

  open(): Upload {
    if (this.#opened)
      throw new TypeError('A streamed `body` cannot be sent twice: make a new fetch with a new stream');
    this.#opened = true;
    return new Upload(this.#chunks);
  }
}
