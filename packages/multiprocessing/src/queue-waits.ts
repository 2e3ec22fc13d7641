import { PENDING } from '@switchyard/hub/core';
import { Empty, Full, loads, ShutDown } from '@switchyard/remote/core';
import { Ask } from './ask.ts';
import { CLOSED, NOTHING } from './broker/queue-served.ts';
import { itemBytes } from './item-bytes.ts';
import type { QueueStub } from './queue-stub.ts';
import type { Returned } from './returned.ts';
import { Take } from './take.ts';
import type { Plain } from './wire.ts';

/** @internal */
export class Get<T> extends Take<T> {
  declare readonly stub: QueueStub;

  override describe(): string {
    return `${this.stub.label}.get`;
  }

  protected override verb(now: boolean): string {
    return now ? 'getNow' : 'get';
  }

  protected override made(value: Plain, body: Uint8Array | null): T {
    if (value === CLOSED) throw new ShutDown('the queue has been shut down and holds nothing more');
    if (value === NOTHING) throw new Empty('the queue holds nothing');
    try {
      return loads(body as Uint8Array) as T;
    } finally {
      if (value !== true) this.stub.tell('got', value);
    }
  }

  protected override late(): T {
    throw new Empty(`nothing in the queue within ${this.limit} ms`);
  }

  protected override get returned(): Returned {
    return this.stub.returned;
  }

  protected override isItem(value: Plain): boolean {
    return value !== CLOSED && value !== NOTHING;
  }

  protected override isLike(): boolean {
    return true;
  }

  protected override giveBack(value: Plain, body: Uint8Array | null): void {
    this.stub.tell('unget', value, body);
  }
}

/** @internal */
export class Put extends Ask<void> {
  declare readonly stub: QueueStub;
  private readonly item: unknown;
  private bytes: Uint8Array | null;
  private ids: Plain;

  constructor(stub: QueueStub, item: unknown, limit: number) {
    super(stub, limit);
    this.item = item;
    this.bytes = null;
    this.ids = null;
  }

  override describe(): string {
    return `${this.stub.label}.put`;
  }

  protected override first(): void | typeof PENDING {
    const { bytes, ids } = itemBytes(this.item, this.stub, 'item');
    if (this.stub.putQuickly(bytes, ids)) return;
    this.bytes = bytes;
    this.ids = ids;
    return PENDING;
  }

  protected override verb(now: boolean): string {
    return now ? 'putNow' : 'put';
  }

  protected override arg(): Plain {
    return this.ids;
  }

  protected override body(): Uint8Array | null {
    return this.bytes;
  }

  protected override made(value: Plain): void {
    if (value === CLOSED) throw new ShutDown('the queue has been shut down: nothing more can be put');
    if (value === NOTHING) throw new Full('the queue has no room');
  }

  protected override late(): void {
    throw new Full(`no room in the queue within ${this.limit} ms`);
  }
}

/** @internal */
export class Join extends Ask<boolean> {
  declare readonly stub: QueueStub;

  override describe(): string {
    return `${this.stub.label}.join`;
  }

  protected override first(): boolean | typeof PENDING {
    if (this.limit !== 0) return PENDING;
    return this.stub.unfinished === 0;
  }

  protected override verb(): string {
    return 'join';
  }

  protected override made(): boolean {
    return true;
  }

  protected override late(): boolean {
    return false;
  }
}
