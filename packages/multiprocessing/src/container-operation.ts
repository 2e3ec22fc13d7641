import type { PENDING } from '@switchyard/hub/core';
import { Ask } from './ask.ts';
import { KeyError } from './key-error.ts';
import { type Delivery, type Packed, pack, plain, unpack } from './parcel.ts';
import type { Stub } from './stub.ts';
import type { Plain } from './wire.ts';

/** The classes of the errors that a container may answer with. */
const errors: Readonly<Record<string, new (message: string) => Error>> = { KeyError, RangeError, TypeError };

/** What is done to a container, and what becomes of the answer. @internal */
export interface Operation<T> {
  readonly verb: string;
  /** What comes with it; given the values that come with it, if there are any. */
  readonly arg?: (parcel: Plain) => Plain;
  readonly values?: readonly unknown[];
  /** What its answer means. */
  readonly result: (answer: Plain, delivered: () => unknown[]) => T;
  /** Puts back what was taken by one who waits no more for it. */
  readonly undo?: (values: unknown[], at: number) => void;
}

const nothing = (): Plain => null;

/** Waits for the answer of a container. @internal */
export class ContainerAsk<T> extends Ask<T> {
  private readonly label: string;
  private readonly operation: Operation<T>;
  private packed: Packed | null;

  constructor(stub: Stub, label: string, operation: Operation<T>) {
    super(stub, -1);
    this.label = label;
    this.operation = operation;
    this.packed = null;
  }

  override describe(): string {
    return `${this.label}.${this.operation.verb}`;
  }

  override refused(error: Error): void {
    const Known = errors[error.name];
    super.refused(Known === undefined ? error : new Known(error.message));
  }

  protected override begin(): T | typeof PENDING {
    const { values } = this.operation;
    this.packed = values === undefined ? null : pack(values, this.stub.link, 'value');
    return super.begin();
  }

  protected override verb(): string {
    return this.operation.verb;
  }

  protected override arg(): Plain {
    return (this.operation.arg ?? nothing)(plain(this.packed?.parcel ?? null));
  }

  protected override body(): Uint8Array | null {
    return this.packed?.body ?? null;
  }

  protected override made(answer: Plain, body: Uint8Array | null): T {
    this.packed = null;
    return this.operation.result(answer, () => this.delivered(answer, body));
  }

  protected override undo(answer: Plain, body: Uint8Array | null): void {
    if (!Array.isArray(answer)) return;
    const { undo } = this.operation;
    const [, , lent, at] = answer as unknown as Delivery;
    if (undo !== undefined) undo(this.delivered(answer, body), at ?? 0);
    else if (lent > 0) this.stub.tell('got', lent);
  }

  private delivered(answer: Plain, body: Uint8Array | null): unknown[] {
    const delivery = answer as unknown as Delivery;
    try {
      return unpack(delivery, body);
    } finally {
      if (delivery[2] > 0) this.stub.tell('got', delivery[2]);
    }
  }
}
