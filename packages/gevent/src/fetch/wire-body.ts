import type { Hop } from './hop.ts';

/** Chunks that arrive one by one, for one reader. @internal */
export interface ChunkSource {
  /** The next chunk, or null when none is here. */
  read(): Uint8Array | null;
  /** Everything has arrived and has been read. */
  readonly ended: boolean;
  /** Why the rest will not come. */
  readonly failure: { readonly error: unknown } | null;
  /** Called when there may be something new: a chunk, the end, a failure. It must not run code of the user's. */
  changed: (() => void) | null;
}

/** As much of a body may lie unread before the server has to wait. @internal */
export const BUFFER_LIMIT = 256 * 1024;

/**
 * A response's body as it travels. Chunks lie here until somebody reads them; beyond a limit the socket is paused, so
 * that the server has to wait. @internal
 */
export class WireBody implements ChunkSource {
  /** Everything has arrived, though perhaps not been read. */
  complete: boolean;
  failure: { readonly error: unknown } | null;
  changed: (() => void) | null;
  /** Bytes that lie here unread. */
  buffered: number;
  private readonly hop: Hop;
  private chunks: Buffer[];
  /** How many of `chunks` have been read. */
  private taken: number;
  private received: number;
  private readonly limit: number;
  /** How much may lie here before the socket is paused. */
  private room: number;
  private paused: boolean;
  /** Bytes that may still arrive unseen, or -1 while nothing is thrown away. */
  private discarding: number;

  constructor(hop: Hop, limit: number) {
    this.complete = false;
    this.failure = null;
    this.changed = null;
    this.buffered = 0;
    this.hop = hop;
    this.chunks = [];
    this.taken = 0;
    this.received = 0;
    this.limit = limit;
    this.room = BUFFER_LIMIT;
    this.paused = false;
    this.discarding = -1;
  }

  get ended(): boolean {
    return this.complete && this.taken === this.chunks.length;
  }

  read(): Buffer | null {
    if (this.failure !== null || this.taken === this.chunks.length) return null;
    const chunk = this.chunks[this.taken++]!;
    this.buffered -= chunk.length;
    if (this.taken === this.chunks.length) {
      this.chunks = [];
      this.taken = 0;
    }
    if (this.paused && this.buffered <= this.room / 2) this.resume();
    return chunk;
  }

  /** Whatever lies here, as one piece. */
  readAll(): Buffer {
    const rest = this.taken === 0 ? this.chunks : this.chunks.slice(this.taken);
    this.chunks = [];
    this.taken = 0;
    this.buffered = 0;
    return rest.length === 1 ? rest[0]! : Buffer.concat(rest);
  }

  /** Puts back what `readAll` gave. */
  unread(piece: Buffer): void {
    this.chunks.push(piece);
    this.buffered += piece.length;
  }

  /** Lets everything come, because one reader wants it in one piece, or again only what fits the buffer. */
  wantAll(all: boolean): void {
    this.room = all ? Infinity : BUFFER_LIMIT;
    if (this.paused && this.buffered < this.room) this.resume();
  }

  /** Nobody will read what is to come. Bytes up to `most` are thrown away, more of them end the connection. */
  discard(most: number): void {
    this.discarding = most;
  }

  /** A chunk has arrived. */
  push(chunk: Buffer): void {
    this.received += chunk.length;
    if (this.received > this.limit) {
      this.hop.bodyTooLarge(this.limit);
      return;
    }
    if (this.discarding >= 0) {
      this.discarding -= chunk.length;
      if (this.discarding < 0) this.hop.abort(null);
      return;
    }
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered >= this.room && !this.paused) {
      this.paused = true;
      this.hop.pause();
    }
    this.changed?.();
  }

  /** The last chunk has arrived. */
  finish(): void {
    this.complete = true;
    this.changed?.();
  }

  /** The rest will not arrive. */
  fail(error: unknown): void {
    if (this.failure !== null || this.complete) return;
    this.failure = { error };
    this.readAll();
    this.changed?.();
  }

  private resume(): void {
    this.paused = false;
    // More may arrive before this returns.
    this.hop.resume();
  }
}
