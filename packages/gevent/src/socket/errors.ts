/**
 * The peer ended the connection before all that was asked for had come. What did come is in `partial`: it has been taken.
 *
 * Python: `asyncio.IncompleteReadError`.
 */
export class IncompleteReadError extends Error {
  static {
    this.prototype.name = 'IncompleteReadError';
  }
  /** The bytes that came. */
  readonly partial: Buffer;
  /** How many were asked for; null when it was a separator. */
  readonly expected: number | null;

  constructor(message: string, partial: Buffer, expected: number | null) {
    super(message);
    this.partial = partial;
    this.expected = expected;
  }
}

/**
 * As many bytes as the limit have come without the separator. They have not been taken: `recv` gives them.
 *
 * Python: `asyncio.LimitOverrunError`.
 */
export class LimitOverrunError extends Error {
  static {
    this.prototype.name = 'LimitOverrunError';
  }
  /** The limit in bytes. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}
