import type { Waitable } from '@switchyard/hub';
import { checkTimeout, PENDING, type TimeoutOption } from '@switchyard/hub/core';
import { register, revive } from '@switchyard/remote';
import { mustNotBeMain, Parking, WordWait } from './parking.ts';
import { newWords, type SharedState, SharedWords, standFor } from './shared-words.ts';

/**
 * A flag that threads, and the greenlets of each, wait for. It may be sent to other threads in arguments and queues.
 * `set()` lets all who wait go on, even if it has been cleared before they look.
 *
 * Python: `threading.Event`.
 */
export class Event extends SharedWords {
  // The first word counts how often the flag has changed, so that it is odd while the flag is set, and whoever finds another
  // number than when it began to wait knows that there has been a set() since. The second one counts those who wait.
  private place: Parking | null;

  constructor() {
    super(newWords(2));
    this.place = null;
  }

  /** Whether it is set. */
  isSet(): boolean {
    return (Atomics.load(this.words, 0) & 1) !== 0;
  }

  /** Sets it: all who wait will go on. */
  set(): void {
    if (this.change(0)) this.parking.wake();
  }

  /** Unsets it: those who wait from now on are parked until the next `set()`. */
  clear(): void {
    this.change(1);
  }

  /**
   * Waits until it is set; at once when it is.
   *
   * @returns true, or false when the timeout (in ms) came first
   * @throws TypeError when the timeout is not a number from 0 up
   */
  wait(options?: TimeoutOption): Waitable<boolean> {
    return new EventWait(this, checkTimeout(options, 'Event.wait'));
  }

  /**
   * As `wait`, but stops the whole thread while it waits. For worker threads only.
   *
   * @returns as `wait`
   * @throws RuntimeError on the main thread, unless `timeout` is 0
   */
  waitSync(options?: TimeoutOption): boolean {
    const limit = checkTimeout(options, 'Event.waitSync');
    if (limit !== 0) mustNotBeMain('Event.wait');
    return new EventWait(this, limit).block();
  }

  /** @internal */
  get parking(): Parking {
    return (this.place ??= new Parking(this.words, 0, 1));
  }

  /** @internal */
  static [revive](state: SharedState): Event {
    return standFor(new Event(), state);
  }

  // Changes the flag if it is `from`.
  private change(from: 0 | 1): boolean {
    const { words } = this;
    for (let word = Atomics.load(words, 0); (word & 1) === from;) {
      const before = Atomics.compareExchange(words, 0, word, (word + 1) | 0);
      if (before === word) return true;
      word = before;
    }
    return false;
  }
}

class EventWait extends WordWait<boolean> {
  private readonly words: Int32Array;
  /** The word when the wait began; odd before that. */
  private from: number;

  constructor(event: Event, limit: number) {
    super(event.parking, limit);
    this.words = event.words;
    this.from = 1;
  }

  override attempt(): boolean | typeof PENDING {
    const word = Atomics.load(this.words, 0);
    if ((word & 1) !== 0) return true;
    if ((this.from & 1) !== 0) this.from = word;
    else if (word !== this.from) return true;
    this.place.seen = word;
    return PENDING;
  }

  override describe(): string {
    return 'Event.wait';
  }

  protected override first(): boolean | typeof PENDING {
    this.from = 1;
    return this.attempt();
  }

  protected override late(): boolean {
    return Atomics.load(this.words, 0) !== this.from;
  }

  protected override renew(): void {
    super.renew();
    this.from = 1;
  }
}

register(import.meta, Event);
