import type { PENDING } from '@switchyard/hub/core';
import { Ask } from './ask.ts';
import type { Asking } from './link.ts';
import type { Next, Returned } from './returned.ts';
import type { Plain } from './wire.ts';

/** Asks for the next item of several, which is for one who asks, and has an order. @internal */
export abstract class Take<T> extends Ask<T> implements Next {
  /** The number of the question that its answer is to. */
  private order: number;

  constructor(...args: ConstructorParameters<typeof Ask>) {
    super(...args);
    this.order = 0;
  }

  /** Where those are kept that came to one who had given up. */
  protected abstract readonly returned: Returned;
  /** Whether an answer is an item. */
  protected abstract isItem(value: Plain): boolean;
  /** Whether another one would take the same items. */
  protected abstract isLike(other: Take<unknown>): boolean;
  /** Gives an item back, which is the first again then. */
  protected abstract giveBack(value: Plain, body: Uint8Array | null): void;

  override answered(value: Plain, body: Uint8Array | null): void {
    this.answer(this.ticket, value, body);
  }

  /** @internal */
  answer(order: number, value: Plain, body: Uint8Array | null): void {
    this.order = order;
    super.answered(value, body);
  }

  /** @internal */
  override forsake(): void {
    const { returned, ticket } = this;
    const settled = (): void => {
      returned.settled();
      this.flush();
    };
    returned.givenUp();
    this.stub.link.cancel(ticket, {
      answered: (value, body) => {
        returned.settled();
        this.pass(ticket, value, body);
      },
      refused: settled,
      cancelled: settled,
    });
  }

  protected override first(): T | typeof PENDING {
    const answer = this.returned.take();
    return answer === undefined ? super.first() : this.made(answer.value, answer.body);
  }

  protected override undo(value: Plain, body: Uint8Array | null): void {
    this.pass(this.order, value, body);
  }

  private pass(order: number, value: Plain, body: Uint8Array | null): void {
    const waits = (asking: Asking): asking is Take<unknown> & Asking =>
      asking instanceof Take && asking.stub === this.stub && this.isLike(asking as Take<unknown>);
    if (this.isItem(value)) this.returned.came(order, value, body, this.stub.link.waiting(waits));
    this.flush();
  }

  private flush(): void {
    this.returned.flush((value, body) => this.giveBack(value, body));
  }
}
