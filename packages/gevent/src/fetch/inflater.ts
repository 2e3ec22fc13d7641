import type { Transform } from 'node:stream';
import { BEHIND_THE_END, type Coding } from './codings.ts';
import { BodyLimitError, DecompressionError } from './errors.ts';
import type { ChunkSource, WireBody } from './wire-body.ts';

/** What the errors of decompression say about where. @internal */
export interface InflateContext {
  readonly url: string;
  readonly method: string;
  /** The most bytes that may come out of each coding. */
  readonly limit: number;
}

/** Decompresses a body piece by piece, as it comes and as it is read. @internal */
export class Inflater implements ChunkSource {
  failure: { readonly error: unknown } | null;
  changed: (() => void) | null;
  ended: boolean;
  private readonly wire: WireBody;
  private readonly codings: readonly Coding[];
  private readonly context: InflateContext;
  private readonly stages: Transform[];
  /** Bytes that went in, and that came out and were read. */
  private fed: number;
  private size: number;
  private blocked: boolean;
  private closed: boolean;

  constructor(wire: WireBody, codings: readonly Coding[], context: InflateContext) {
    this.failure = null;
    this.changed = null;
    this.ended = false;
    this.wire = wire;
    this.codings = codings;
    this.context = context;
    this.fed = 0;
    this.size = 0;
    this.blocked = false;
    this.closed = false;
    this.stages = codings.map((coding) => coding.stream());
    this.stages.forEach((stage, i) => this.connect(stage, i));
    wire.changed = () => this.feed();
    this.feed();
  }

  read(): Uint8Array | null {
    if (this.failure !== null || this.ended) return null;
    const piece = this.stages[this.stages.length - 1]!.read() as Buffer | null;
    if (piece === null) return null;
    this.size += piece.length;
    if (this.size <= this.context.limit) return piece;
    this.fail(inflatesTooMuch(this.context));
    return null;
  }

  /** Ends it without more being read. */
  stop(): void {
    this.wire.changed = null;
    for (const stage of this.stages) stage.destroy();
  }

  private connect(stage: Transform, index: number): void {
    const coding = this.codings[index]!;
    stage.on('error', (error) => this.fail(notWhatItSays(coding, error, this.context)));
    const following = this.stages[index + 1];
    if (following !== undefined) {
      let size = 0;
      stage.on('data', (piece: Buffer) => {
        size += piece.length;
        if (size > this.context.limit) this.fail(inflatesTooMuch(this.context));
      });
      stage.pipe(following);
      return;
    }
    stage.on('readable', () => this.changed?.());
    stage.on('end', () => this.end());
    this.stages[0]!.on('drain', () => {
      this.blocked = false;
      this.feed();
    });
  }

  private feed(): void {
    const first = this.stages[0]!;
    if (this.wire.failure !== null) {
      this.fail(this.wire.failure.error);
      return;
    }
    for (let chunk = this.next(); chunk !== null; chunk = this.next()) {
      this.fed += chunk.length;
      if (!first.write(chunk)) this.blocked = true;
    }
    if (this.wire.ended && !this.closed) {
      this.closed = true;
      if (this.fed > 0) first.end();
      // A body of no bytes at all is complete as it is, whatever its label says: servers label empty answers too.
      else this.finish();
    }
  }

  private next(): Buffer | null {
    return this.blocked || this.failure !== null ? null : this.wire.read();
  }

  private end(): void {
    const used = this.codings[0]!.consumed?.(this.stages[0]!) ?? this.fed;
    if (used < this.fed) {
      this.fail(notWhatItSays(this.codings[0]!, new Error(BEHIND_THE_END), this.context));
      return;
    }
    this.finish();
  }

  private finish(): void {
    this.ended = true;
    this.changed?.();
  }

  private fail(error: unknown): void {
    if (this.failure !== null || this.ended) return;
    this.failure = { error };
    this.stop();
    this.changed?.();
  }
}

/** @internal */
export function inflatesTooMuch({ method, url, limit }: InflateContext): BodyLimitError {
  const text = `fetch failed: ${method} ${url}: decompressed, the body has more than the ${limit} bytes of \`maxInflated\``;
  return new BodyLimitError(text, limit, url);
}

/** @internal */
export function notWhatItSays(
  coding: Coding,
  cause: unknown,
  { method, url }: InflateContext,
): DecompressionError {
  const code = (cause as { code?: unknown }).code;
  const what =
    code === 'Z_BUF_ERROR'
      ? `the body ends in the middle of its ${coding.name} data`
      : `the body is not the ${coding.name} data that its Content-Encoding says ` +
        `(${(cause as Error).message}); decompress: false gives it as it came`;
  return new DecompressionError(`fetch failed: ${method} ${url}: ${what}`, url, cause);
}
