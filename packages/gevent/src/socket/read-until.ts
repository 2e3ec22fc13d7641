import { PENDING } from '@switchyard/hub/core';
import { IncompleteReadError, LimitOverrunError } from './errors.ts';
import type { Inbound } from './inbound.ts';
import { Read } from './read.ts';

/** So many bytes, and no fewer unless `partial`. @internal */
export class Exactly extends Read<Buffer> {
  private readonly size: number;
  private readonly partial: boolean;

  /** @param partial whether the end of the connection is no error, and what came before it the outcome */
  constructor(inbound: Inbound, size: number, partial: boolean, limit: number) {
    super(inbound, limit);
    this.size = size;
    this.partial = partial;
  }

  override describe(): string {
    return `${this.partial ? 'read' : 'Socket.recvExactly'} of ${this.size} bytes of ${this.inbound.title}`;
  }

  protected override collect(): Buffer | typeof PENDING {
    const { inbound, size } = this;
    if (inbound.length >= size) return inbound.take(size);
    if (!inbound.ended) return PENDING;
    const rest = inbound.take(size);
    if (this.partial) return rest;
    throw new IncompleteReadError(
      `the peer ended the connection after ${rest.length} of the ${size} bytes that recvExactly is waiting for`,
      rest,
      size,
    );
  }
}

/** How a line, or what a separator ends, is read. @internal */
export interface Delimited {
  /** Named in messages. */
  readonly verb: string;
  readonly separator: Buffer;
  /** The most bytes, with the separator; Infinity for no limit. */
  readonly most: number;
  /** Whether what is longer is given in parts, as Python's files do, or is an error. */
  readonly cuts: boolean;
  /** Whether what the end of the connection cuts off is given, or is an error. */
  readonly partial: boolean;
  /** What the bytes are decoded as; null to leave them bytes. */
  readonly encoding: BufferEncoding | null;
}

/** What comes before a separator, and it. @internal */
export class Until<T extends Buffer | string> extends Read<T> {
  private readonly how: Delimited;
  /** How many bytes hold no separator, as far as this has looked. */
  private searched: number;

  constructor(inbound: Inbound, how: Delimited, limit: number) {
    super(inbound, limit);
    this.how = how;
    this.searched = 0;
  }

  override describe(): string {
    return `${this.how.verb} of ${this.inbound.title}`;
  }

  protected override begin(): T | typeof PENDING {
    this.searched = 0;
    return super.begin();
  }

  protected override collect(): T | typeof PENDING {
    const { inbound, how } = this;
    const end = inbound.find(how.separator, this.searched);
    if (end >= 0 && end <= how.most) return this.give(end);
    this.searched = inbound.length;
    if (inbound.length >= how.most) {
      if (how.cuts) return this.give(how.most);
      throw new LimitOverrunError(
        `${inbound.length} bytes have come for ${this.describe()} without a separator in the first ${how.most} of them`,
        how.most,
      );
    }
    if (!inbound.ended) return PENDING;
    if (how.partial) return this.give(inbound.length);
    const rest = inbound.take(inbound.length);
    throw new IncompleteReadError(
      `the peer ended the connection after ${rest.length} bytes, without the separator that ${how.verb} is waiting for`,
      rest,
      null,
    );
  }

  private give(size: number): T {
    const bytes = this.inbound.take(size);
    return (this.how.encoding === null ? bytes : bytes.toString(this.how.encoding)) as T;
  }
}
