import { GreenletError, GreenletExit, getcurrent } from '@switchyard/greenlet';
import { Timeout } from '@switchyard/hub';
import { ERROR, OBSERVED, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import type { Greenlet } from './greenlet.ts';
import type { Link } from './linkable.ts';

/** The wait for a greenlet's end. @internal */
export class Join extends TimedWait<void> implements Link {
  private readonly greenlet: Greenlet;

  constructor(greenlet: Greenlet, limit: number) {
    super(limit);
    this.greenlet = greenlet;
  }

  notices(): boolean {
    return true;
  }

  notify(): void {
    this.resume(VALUE, undefined);
  }

  override expire(): void {
    this.greenlet.dequeue(this);
    this.resume(VALUE, undefined);
  }

  override describe(): string {
    return `the end of ${this.greenlet.name}`;
  }

  protected override begin(): void | typeof PENDING {
    if (this.greenlet.ready()) {
      this.greenlet.flags |= OBSERVED;
      return;
    }
    notItself(this.greenlet);
    this.greenlet.enqueue(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.greenlet.dequeue(this);
  }
}

/** The wait for a greenlet's value. @internal */
export class Get<T> extends TimedWait<T> implements Link {
  private readonly greenlet: Greenlet<T>;
  private readonly blocks: boolean;

  constructor(greenlet: Greenlet<T>, limit: number, blocks: boolean) {
    super(limit);
    this.greenlet = greenlet;
    this.blocks = blocks;
  }

  notices(): boolean {
    return true;
  }

  notify(): void {
    const { value } = this.greenlet;
    if (this.greenlet.successful() && !(value instanceof GreenletExit)) this.resume(VALUE, value);
    else this.resume(ERROR, value ?? this.greenlet.exception);
  }

  override expire(): void {
    this.greenlet.dequeue(this);
    this.resume(ERROR, new Timeout(this.limit));
  }

  override describe(): string {
    return `the value of ${this.greenlet.name}`;
  }

  protected override begin(): T | typeof PENDING {
    const greenlet = this.greenlet;
    if (greenlet.ready()) {
      if (!greenlet.successful()) throw greenlet.exception;
      const value = greenlet.value;
      if (value instanceof GreenletExit) throw value;
      return value as T;
    }
    if (!this.blocks) throw new Timeout(0, `greenlet ${greenlet.name} has not ended`);
    notItself(greenlet);
    greenlet.enqueue(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.greenlet.dequeue(this);
  }
}

function notItself(greenlet: Greenlet): void {
  if ((getcurrent() as unknown) === greenlet) {
    throw new GreenletError(`greenlet ${greenlet.name} cannot wait for its own end`);
  }
}
