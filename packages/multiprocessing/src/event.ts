import type { Waitable } from '@switchyard/hub';
import { checkTimeout, PENDING, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive } from '@switchyard/remote';
import { Ask } from './ask.ts';
import { arrived, SharedObject, type SharedState } from './shared-object.ts';
import { Stub } from './stub.ts';
import { Told } from './told.ts';

/**
 * A flag that processes, and the greenlets of each, wait for. It may be sent to other processes in arguments, queues and
 * pipes. `set()` lets all who wait go on, even if it has been cleared before they look.
 *
 * Python: `multiprocessing.Event`.
 */
export class Event extends SharedObject<EventStub> {
  constructor() {
    super(EventStub, 'event', () => ({}));
  }

  /** Whether it is set. What another process has done in this very moment is not seen yet. */
  isSet(): boolean {
    return this.stub.isSet();
  }

  /** Sets it: all who wait will go on. */
  set(): void {
    this.stub.change(true);
  }

  /** Unsets it: those who wait from now on are parked until the next `set()`. */
  clear(): void {
    this.stub.change(false);
  }

  /**
   * Waits until it is set; at once when it is.
   *
   * @returns true, or false when the timeout (in ms) came first
   * @throws TypeError when the timeout is not a number from 0 up
   */
  wait(options?: TimeoutOption): Waitable<boolean> {
    return new EventWait(this.stub, checkTimeout(options, 'Event.wait'));
  }

  /** @internal */
  static [revive](state: SharedState): Event {
    return arrived(state, () => new Event());
  }
}

/** @internal */
export class EventStub extends Stub {
  /** What was said last from here, and how much of that the broker has not heard yet. */
  private latest: boolean;
  private unheard: number;

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.latest = false;
    this.unheard = 0;
  }

  isSet(): boolean {
    return this.unheard > 0 || this.board === null ? this.latest : this.board.readInt32(0) !== 0;
  }

  change(set: boolean): void {
    Told.say(this, set ? 'set' : 'clear', null, null, () => this.unheard--);
    this.latest = set;
    this.unheard++;
  }
}

class EventWait extends Ask<boolean> {
  declare readonly stub: EventStub;

  override describe(): string {
    return 'Event.wait';
  }

  protected override first(): boolean | typeof PENDING {
    return this.stub.isSet() || (this.limit === 0 ? false : PENDING);
  }

  protected override verb(): string {
    return 'wait';
  }

  protected override made(): boolean {
    return true;
  }

  protected override late(): boolean {
    return false;
  }
}

register(import.meta, Event);
