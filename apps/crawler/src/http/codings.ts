import type { Transform } from 'node:stream';
import {
  brotliDecompressSync,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';

/** A content coding that can be undone. */
export interface Coding {
  readonly name: string;
  /** In one go. @throws RangeError with the code ERR_BUFFER_TOO_LARGE when it would be more than `max` bytes */
  whole(bytes: Uint8Array, max: number): Buffer;
  /** Piece by piece. @param first the first byte */
  stream(first: number): Transform;
}

// Larger pieces than zlib's 16 KiB are fewer events.
const PIECES = { chunkSize: 65_536 };
/** More than anybody sends; each multiplies what a bomb can do. */
const MOST = 5;

const gzip: Coding = {
  name: 'gzip',
  whole: (bytes, max) => gunzipSync(bytes, { maxOutputLength: max }),
  stream: () => createGunzip(PIECES),
};

const br: Coding = {
  name: 'br',
  whole: (bytes, max) => brotliDecompressSync(bytes, { maxOutputLength: max }),
  stream: () => createBrotliDecompress(PIECES),
};

/** Zlib's format by its definition, and the raw one by old custom: they differ in the first byte. */
const deflate: Coding = {
  name: 'deflate',
  whole: (bytes, max) =>
    (isZlib(bytes[0] ?? 0) ? inflateSync : inflateRawSync)(bytes, { maxOutputLength: max }),
  stream: (first) => (isZlib(first) ? createInflate(PIECES) : createInflateRaw(PIECES)),
};

const KNOWN: ReadonlyMap<string, Coding> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', br],
]);

/** What is offered to servers. */
export const ACCEPTED = 'gzip, deflate, br';

/**
 * What a `Content-Encoding` says, in the order to undo it; nothing for one that is not known, as the body is then taken as it
 * is.
 *
 * @returns in words, why it cannot be undone
 */
export function codingsOf(header: string | undefined): readonly Coding[] | string {
  const codings: Coding[] = [];
  for (const part of header?.toLowerCase().split(',').reverse() ?? []) {
    const name = part.trim();
    if (name === '' || name === 'identity') continue;
    const coding = KNOWN.get(name);
    if (coding === undefined)
      return name === 'zstd' ? 'it is compressed with zstd, which was not offered' : [];
    codings.push(coding);
    if (codings.length > MOST) return `it is compressed more than ${MOST} times over`;
  }
  return codings;
}

// Method 8 in the low half. As raw data it would be a stored block whose padding is not zero.
function isZlib(first: number): boolean {
  return (first & 0x0f) === 8;
}
