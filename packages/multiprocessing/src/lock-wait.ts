import { PENDING } from '@switchyard/hub/core';
import { Held } from '@switchyard/remote/core';
import { Ask } from './ask.ts';
import { type LockStub, LockWait } from './lock-stub.ts';
import type { Plain } from './wire.ts';

/** What can be held for the time of a block. */
interface Holdable {
  readonly abandoned: boolean;
  release(): void;
}

/** Waits for the lock; what it gives is whether it got it. @internal */
export class Acquire extends LockWait<boolean> {
  private readonly label: string;

  constructor(stub: LockStub, limit: number, owner: number, levels: number, label: string) {
    super(stub, limit, owner, levels);
    this.label = label;
  }

  override describe(): string {
    return this.label;
  }

  protected override outcome(got: boolean): boolean {
    return got;
  }
}

/** The same for a block. @internal */
export class Hold extends LockWait<Held> {
  private readonly lock: Holdable;
  private readonly label: string;

  constructor(stub: LockStub, owner: number, lock: Holdable, label: string) {
    super(stub, -1, owner, 1);
    this.lock = lock;
    this.label = label;
  }

  override describe(): string {
    return this.label;
  }

  protected override outcome(): Held {
    return new Held(this.lock);
  }
}

/** Takes the lock if it is free, or finds out that it is not. @internal */
export class TryAcquire extends Ask<boolean> {
  declare readonly stub: LockStub;
  protected readonly number: number;
  private readonly label: string;

  constructor(stub: LockStub, number: number, label: string) {
    super(stub, 0);
    this.number = number;
    this.label = label;
  }

  override describe(): string {
    return this.label;
  }

  // What is granted is granted to the whole thread, which may have to give it back before this one's turn.
  override answered(value: Plain): void {
    this.stub.lease(value as number);
    super.answered(this.stub.tryEnter(this.number, 1), null);
  }

  protected override first(): boolean | typeof PENDING {
    const { stub } = this;
    if (stub.tryEnter(this.number, 1)) return true;
    return stub.surelyHeld ? false : PENDING;
  }

  protected override verb(): string {
    return 'try';
  }

  protected override made(value: Plain): boolean {
    return value === true;
  }

  protected override late(): boolean {
    return false;
  }

  protected override undo(value: Plain): void {
    // Either it has it by now, or the answer has only just come.
    if (value === true) this.stub.leave();
    else if (value !== false) this.stub.lease(value as number);
  }
}
