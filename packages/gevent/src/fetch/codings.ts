import * as zlib from 'node:zlib';
import { Transform, type TransformCallback } from 'node:stream';

// Also `@switchyard/gevent/codings`, for other HTTP clients.

/** A content coding that can be undone. */
export interface Coding {
  readonly name: string;
  /**
   * All at once.
   * @throws RangeError with the code ERR_BUFFER_TOO_LARGE when it would be more than `max` bytes
   */
  all(data: Uint8Array, max: number): Buffer;
  /** Piece by piece. */
  stream(): Transform;
  /** How many bytes a stream has used of what it was given, where bytes behind the end are an error and the stream says nothing. */
  consumed: ((stream: Transform) => number) | null;
}

/** The zlib of Node 24 knows zstd, that of 20 does not; the types are those of Node 20. */
interface ZstdModule {
  zstdDecompressSync?(data: Uint8Array, options: { maxOutputLength?: number; info: true }): ZstdResult;
  createZstdDecompress?(options: object): Transform & { bytesWritten: number };
}

interface ZstdResult {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

// Bigger pieces than zlib's 16 KiB: fewer events for the same body.
const options = { chunkSize: 64 * 1024 };

const gzip: Coding = {
  name: 'gzip',
  all: (data, max) => zlib.gunzipSync(data, { maxOutputLength: max }),
  stream: () => zlib.createGunzip(options),
  consumed: null,
};

const brotli: Coding = {
  name: 'br',
  all: (data, max) => zlib.brotliDecompressSync(data, { maxOutputLength: max }),
  stream: () => zlib.createBrotliDecompress(options),
  consumed: null,
};

/** `deflate` means zlib's format, but servers that send the raw one are as old as the name. */
const deflate: Coding = {
  name: 'deflate',
  all: (data, max) => (isZlib(data) ? zlib.inflateSync : zlib.inflateRawSync)(data, { maxOutputLength: max }),
  stream: () => new EitherInflate(),
  consumed: null,
};

const zstd = findZstd(zlib as ZstdModule);

const known = new Map<string, Coding>([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', brotli],
]);
if (zstd !== null) known.set('zstd', zstd);

/** What `accept-encoding` offers. */
export const acceptedCodings = zstd === null ? 'gzip, deflate, br' : 'gzip, deflate, br, zstd';

/** More than anybody sends; each one multiplies what a bomb can do. */
const MAX_CODINGS = 5;

/**
 * The codings of a `Content-Encoding`, in the order to undo them; empty when there is nothing to undo. A coding that
 * is not known leaves the body as it is, as in the standard.
 *
 * @returns a message instead when the body cannot be read
 */
export function codingsOf(header: string | readonly string[] | undefined): readonly Coding[] | string {
  if (header === undefined || header === '') return none;
  const names = (typeof header === 'string' ? header : header.join(',')).toLowerCase().split(',');
  const codings: Coding[] = [];
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i]!.trim();
    if (name === '' || name === 'identity') continue;
    const coding = known.get(name);
    if (coding === undefined) {
      if (name === 'zstd')
        return 'it is compressed with zstd, which this version of Node cannot decompress reliably';
      return none;
    }
    codings.push(coding);
    if (codings.length > MAX_CODINGS) return `it is compressed more than ${MAX_CODINGS} times over`;
  }
  return codings;
}

const none: readonly Coding[] = [];

function isZlib(data: Uint8Array): boolean {
  // Compression method 8 in the low bits. As raw deflate it would be a stored block with padding that is not zero.
  return data.length > 0 && (data[0]! & 0x0f) === 8;
}

/** Inflates zlib's format or the raw one, whichever the first byte says. */
class EitherInflate extends Transform {
  #inflate: Transform | null = null;

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (this.#inflate === null) {
      if (chunk.length === 0) return done();
      this.#inflate = isZlib(chunk) ? zlib.createInflate(options) : zlib.createInflateRaw(options);
      this.#inflate.on('error', (error) => this.destroy(error));
      this.#inflate.on('data', (piece: Buffer) => {
        if (!this.push(piece)) this.#inflate!.pause();
      });
    }
    this.#inflate.write(chunk, () => done());
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _flush(done: TransformCallback): void {
    if (this.#inflate === null) return done();
    this.#inflate.once('end', () => done());
    this.#inflate.end();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inflate?.destroy();
    done(error);
  }
}

/** Node 22 has a zstd that takes a body cut in the middle for a whole one: better none than that. */
function findZstd(module: ZstdModule): Coding | null {
  const { zstdDecompressSync, createZstdDecompress } = module;
  if (zstdDecompressSync === undefined || createZstdDecompress === undefined) return null;
  try {
    zstdDecompressSync(Buffer.from('28b52ffd', 'hex'), { info: true });
    return null;
  } catch {
    return {
      name: 'zstd',
      all(data, max) {
        const { buffer, engine } = zstdDecompressSync(data, { maxOutputLength: max, info: true });
        // Node 24 stops after the first of several frames and says nothing.
        if (engine.bytesWritten < data.length) throw new Error(BEHIND_THE_END);
        return buffer;
      },
      stream: () => createZstdDecompress(options),
      consumed: (stream) => (stream as Transform & { bytesWritten: number }).bytesWritten,
    };
  }
}

/** What is wrong when a stream has not used everything. */
export const BEHIND_THE_END = 'data behind the end of the first zstd frame';
