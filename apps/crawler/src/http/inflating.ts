import type { Transform } from 'node:stream';
import { BodyLimitError, DecompressionError } from '@switchyard/gevent';
import { BEHIND_THE_END, type Coding } from '@switchyard/gevent/codings';

/** Undoes the codings of a large body while it comes, in zlib's own threads. What comes out is kept until the end. */
export class Inflating {
  readonly #codings: readonly Coding[];
  readonly #limit: number;
  readonly #done: (result: Buffer | Error) => void;
  /** One for each coding, from its first byte on. */
  readonly #stages: Transform[] = [];
  readonly #pieces: Buffer[] = [];
  #fed = 0;
  #over = false;

  /** @param done called once, from zlib's callbacks */
  constructor(codings: readonly Coding[], limit: number, done: (result: Buffer | Error) => void) {
    this.#codings = codings;
    this.#limit = limit;
    this.#done = done;
  }

  write(bytes: Uint8Array): void {
    if (this.#over || bytes.length === 0) return;
    this.#fed += bytes.length;
    this.#stage(0).write(bytes);
  }

  /** Nothing more will be written. */
  end(): void {
    if (!this.#over) this.#endStage(0);
  }

  /** Gives it up; nobody is told. */
  stop(): void {
    this.#over = true;
    for (const stage of this.#stages) stage.destroy();
  }

  #stage(index: number): Transform {
    const known = this.#stages[index];
    if (known !== undefined) return known;
    const coding = this.#codings[index] as Coding;
    const stage = coding.stream();
    this.#stages.push(stage);
    const last = index === this.#codings.length - 1;
    let size = 0;
    stage.on('data', (piece: Buffer) => {
      if (this.#over) return;
      size += piece.length;
      if (size > this.#limit) this.#finish(tooMuch(this.#limit));
      else if (last) this.#pieces.push(piece);
      else this.#stage(index + 1).write(piece);
    });
    stage.on('end', () => {
      if (this.#over) return;
      const used = index === 0 ? coding.consumed?.(stage) : undefined;
      if (used !== undefined && used < this.#fed) this.#finish(notSo(coding, new Error(BEHIND_THE_END)));
      else if (last) this.#finish(Buffer.concat(this.#pieces));
      else this.#endStage(index + 1);
    });
    stage.on('error', (error) => this.#finish(notSo(coding, error)));
    return stage;
  }

  #endStage(index: number): void {
    const stage = this.#stages[index];
    if (stage !== undefined) stage.end();
    // A body of no bytes is complete as it is, whatever its label says.
    else this.#finish(Buffer.alloc(0));
  }

  #finish(result: Buffer | Error): void {
    if (this.#over) return;
    this.stop();
    this.#done(result);
  }
}

/** The body inflates to more than it may. */
export function tooMuch(limit: number): BodyLimitError {
  return new BodyLimitError(
    `decompressed, the body has more than the ${limit} bytes of \`maxInflated\``,
    limit,
    '',
  );
}

/** The body is not what its label says. */
export function notSo(coding: Coding, cause: unknown): DecompressionError {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  const what =
    code === 'Z_BUF_ERROR'
      ? `the body ends in the middle of its ${coding.name} data`
      : `the body is not the ${coding.name} data that its Content-Encoding says (${String(message)})`;
  return new DecompressionError(what, '', cause);
}
