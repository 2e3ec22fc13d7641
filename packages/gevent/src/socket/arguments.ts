import { show } from '@switchyard/greenlet/scheduler';

const NEWLINE = Buffer.from('\n');

/** Checks a number of bytes. @throws RangeError @internal */
export function checkSize(size: unknown, verb: string): void {
  if (Number.isInteger(size) && (size as number) >= 0) return;
  throw new RangeError(`Expected a whole number of bytes from 0 up for ${verb}, got ${show(size)}`);
}

/** The most bytes of a line. @returns Infinity for no limit @throws RangeError @internal */
export function checkLimit(limit: unknown, verb: string): number {
  if (limit === undefined || limit === null || limit === Infinity) return Infinity;
  if (Number.isInteger(limit) && (limit as number) >= 1) return limit as number;
  throw new RangeError(
    `Expected a whole number of bytes from 1 up, or null, as the limit of ${verb}, got ${show(limit)}`,
  );
}

/** What is to be sent, as bytes. @throws TypeError @internal */
export function bytesOf(data: unknown, verb: string): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError(`Expected bytes or a string for ${verb}, got ${show(data)}`);
}

/** What ends a line. @throws TypeError, or RangeError for none @internal */
export function separatorOf(separator: unknown, verb: string): Buffer {
  if (separator === '\n') return NEWLINE;
  const bytes = bytesOf(separator, verb);
  if (bytes.length === 0)
    throw new RangeError(`Expected a separator of at least one byte for ${verb}, got none`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** @throws TypeError for what Node does not know @internal */
export function encodingOf(encoding: unknown, verb: string): BufferEncoding | null {
  if (encoding === undefined || encoding === null) return null;
  if (typeof encoding === 'string' && Buffer.isEncoding(encoding)) return encoding;
  throw new TypeError(`Expected an encoding such as 'utf8' for ${verb}, got ${show(encoding)}`);
}
