import { PENDING } from '@switchyard/hub/core';
import { POLLOUT } from './events.ts';
import { Operation, type Pollable } from './pollable.ts';

/** What is going to be bound to its address. @internal */
export interface Binding extends Pollable {
  /** Whether it is. @throws the error why it cannot be */
  bound(): boolean;
}

/** Waits until a socket listens, or is bound. @internal */
export class Listening extends Operation<void> {
  private readonly binding: Binding;

  constructor(binding: Binding) {
    super(binding, POLLOUT, -1);
    this.binding = binding;
  }

  attempt(): void | typeof PENDING {
    this.binding.checkOpen('listen');
    if (!this.binding.bound()) return PENDING;
  }

  override describe(): string {
    return `listen of ${this.binding.describe()}`;
  }
}
