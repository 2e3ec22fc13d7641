import { BodyLimitError } from '@switchyard/gevent';
import type { Coding } from '@switchyard/gevent/codings';
import { Inflating, notSo, tooMuch } from './inflating.ts';

/** Bodies up to this size are decompressed in one go: a stream of zlib's costs several times as much. */
const SMALL = 65_536;
/** Unless they turn into more than this, for which the loop would have to wait. */
const SMALL_INFLATED = 1024 * 1024;

/** The limits of a body, in bytes: as it travels, and decompressed. */
export interface BodyLimits {
  readonly maxBody: number;
  readonly maxInflated: number;
}

/** Puts the body of an answer together, and undoes its codings. */
export class Body {
  readonly #codings: readonly Coding[];
  readonly #limits: BodyLimits;
  readonly #inflated: (result: Buffer | Error) => void;
  #pieces: Buffer[] = [];
  #size = 0;
  #inflating: Inflating | undefined;

  /** @param inflated called with what `end` has not returned, from outside of the loop */
  constructor(codings: readonly Coding[], limits: BodyLimits, inflated: (result: Buffer | Error) => void) {
    this.#codings = codings;
    this.#limits = limits;
    this.#inflated = inflated;
  }

  /** @throws BodyLimitError when it is too large */
  push(piece: Buffer): void {
    this.#size += piece.length;
    const { maxBody } = this.#limits;
    if (this.#size > maxBody) {
      throw new BodyLimitError(`the body has more than the ${maxBody} bytes of \`maxBody\``, maxBody, '');
    }
    if (this.#inflating !== undefined) {
      this.#inflating.write(piece);
      return;
    }
    this.#pieces.push(piece);
    if (this.#codings.length > 0 && this.#size > SMALL) this.#inflate();
  }

  /**
   * It is complete.
   *
   * @returns it, or undefined when it is still being decompressed
   * @throws BodyLimitError, DecompressionError when it cannot be
   */
  end(): Buffer | undefined {
    if (this.#inflating === undefined) {
      const wired = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
      if (this.#codings.length === 0 || wired.length === 0) return wired;
      const whole = this.#inflateSmall(wired);
      if (whole !== undefined) return whole;
      this.#inflate();
    }
    this.#inflating?.end();
    return undefined;
  }

  /** Nobody wants it any more. */
  stop(): void {
    this.#inflating?.stop();
  }

  #inflateSmall(wired: Buffer): Buffer | undefined {
    const { maxInflated } = this.#limits;
    let bytes = wired;
    for (const coding of this.#codings) {
      try {
        bytes = coding.all(bytes, Math.min(maxInflated, SMALL_INFLATED));
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_BUFFER_TOO_LARGE') throw notSo(coding, error);
        if (maxInflated <= SMALL_INFLATED) throw tooMuch(maxInflated);
        return undefined;
      }
    }
    return bytes;
  }

  #inflate(): void {
    this.#inflating = new Inflating(this.#codings, this.#limits.maxInflated, this.#inflated);
    for (const piece of this.#pieces) this.#inflating.write(piece);
    this.#pieces = [];
  }
}
