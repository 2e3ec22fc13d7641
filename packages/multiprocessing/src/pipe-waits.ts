import { PENDING } from '@switchyard/hub/core';
import { Ask } from './ask.ts';
import { EMPTY, END } from './broker/pipe-served.ts';
import { BrokenPipeError, EOFError } from './pipe-errors.ts';
import { Returned } from './returned.ts';
import { Stub } from './stub.ts';
import { Take } from './take.ts';
import type { Plain } from './wire.ts';

/** So many bytes may wait to be sent before those who send have to wait: no more than the system takes at once. */
const BACKLOG = 64 * 1024;

/** The connection that something is asked of, which is in use meanwhile. */
interface Owner {
  readonly stub: PipeStub;
}

/** @internal */
export class PipeStub extends Stub {
  /** The ends that the broker has said are closed. */
  readonly gone: [boolean, boolean];
  /** What came to those at an end who had given up. */
  readonly returned: readonly [Returned, Returned];

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.gone = [false, false];
    this.returned = [new Returned(), new Returned()];
  }

  override news(_what: string, side: Plain): void {
    this.gone[side as 0 | 1] = true;
  }
}

/** What is asked of an end, which stays in use meanwhile. */
abstract class PipeAsk<T> extends Ask<T> {
  declare readonly stub: PipeStub;
  readonly side: 0 | 1;
  protected readonly connection: Owner;

  constructor(connection: Owner, side: 0 | 1, limit: number) {
    super(connection.stub, limit);
    this.side = side;
    this.connection = connection;
  }

  protected override arg(): Plain {
    return [this.side, null];
  }
}

/** @internal */
export class Send extends PipeAsk<void> {
  private readonly bytes: Uint8Array;
  private readonly ids: Plain;

  constructor(connection: Owner, side: 0 | 1, bytes: Uint8Array, ids: Plain) {
    super(connection, side, -1);
    this.bytes = bytes;
    this.ids = ids;
  }

  override describe(): string {
    return 'Connection.send';
  }

  protected override first(): void | typeof PENDING {
    const { stub, side, bytes } = this;
    const { link } = stub;
    if (stub.gone[(1 - side) as 0 | 1]) throw brokenPipe();
    if (link.isLost || link.backlog + bytes.length > BACKLOG) return PENDING;
    stub.tell('send', this.arg(), bytes);
  }

  protected override verb(): string {
    return 'send';
  }

  protected override arg(): Plain {
    return [this.side, this.ids];
  }

  protected override body(): Uint8Array {
    return this.bytes;
  }

  protected override made(value: Plain): void {
    if (value === END) throw brokenPipe();
  }
}

/** @internal */
export class Receive<T> extends Take<T> {
  declare readonly stub: PipeStub;
  readonly side: 0 | 1;
  protected readonly connection: Owner;
  private readonly read: (bytes: Uint8Array) => T;

  constructor(connection: Owner, side: 0 | 1, read: (bytes: Uint8Array) => T) {
    super(connection.stub, -1);
    this.side = side;
    this.connection = connection;
    this.read = read;
  }

  override describe(): string {
    return 'Connection.recv';
  }

  protected override verb(): string {
    return 'recv';
  }

  protected override arg(): Plain {
    return [this.side, null];
  }

  protected override made(value: Plain, body: Uint8Array | null): T {
    if (value === END) throw new EOFError('the other end of the pipe is closed, and nothing more comes');
    try {
      return this.read(body as Uint8Array);
    } finally {
      if (value !== true) this.stub.tell('got', [this.side, value]);
    }
  }

  protected override get returned(): Returned {
    return this.stub.returned[this.side];
  }

  protected override isItem(value: Plain): boolean {
    return value !== END;
  }

  protected override isLike(other: Take<unknown>): boolean {
    return other instanceof Receive && other.side === this.side;
  }

  protected override giveBack(value: Plain, body: Uint8Array | null): void {
    this.stub.tell('unrecv', [this.side, value], body);
  }
}

/** @internal */
export class Poll extends PipeAsk<boolean> {
  override describe(): string {
    return 'Connection.poll';
  }

  protected override verb(now: boolean): string {
    return now ? 'pollNow' : 'poll';
  }

  protected override made(value: Plain): boolean {
    return value !== EMPTY;
  }

  protected override late(): boolean {
    return false;
  }
}

function brokenPipe(): BrokenPipeError {
  return new BrokenPipeError('the other end of the pipe is closed');
}
