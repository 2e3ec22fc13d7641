import { hub, type Queued } from '@switchyard/hub/core';
import { ShutDown } from '@switchyard/remote/core';
import type { QueueNews } from './broker/queue-served.ts';
import { Returned } from './returned.ts';
import { Stub } from './stub.ts';
import { Told } from './told.ts';
import type { Plain } from './wire.ts';

// The words of its board.
const SIZE = 0;
const UNFINISHED = 4;
const SHUT = 8;

/**
 * So many bytes may wait to be sent before those who put have to wait: no more than the system takes at once, so that what
 * has been put is not lost when this process ends.
 */
const BACKLOG = 64 * 1024;

/** A queue as this thread knows it. What needs no answer is only told, and asked about once for all of it. @internal */
export class QueueStub extends Stub implements Queued {
  /** What it is called in run info. */
  label: string;
  maxsize: number;
  readonly returned: Returned;
  /** Items put and reported here that the broker may not have heard of yet. */
  private puts: number;
  private dones: number;
  /** How things stand without those. */
  private size_: number;
  private unfinished_: number;
  private asking: boolean;
  private closing: boolean;

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.label = 'Queue';
    this.maxsize = 0;
    this.returned = new Returned();
    this.puts = 0;
    this.dones = 0;
    this.size_ = 0;
    this.unfinished_ = 0;
    this.asking = false;
    this.closing = false;
  }

  get size(): number {
    return this.asking ? this.size_ + this.puts : this.word(SIZE);
  }

  get unfinished(): number {
    return this.asking ? Math.max(0, this.unfinished_ + this.puts - this.dones) : this.word(UNFINISHED);
  }

  get shut(): boolean {
    return this.closing || this.word(SHUT) !== 0;
  }

  /** Puts an item without waiting, if it is sure that there is room. Returns whether it was. */
  putQuickly(bytes: Uint8Array, ids: Plain): boolean {
    const { link } = this;
    if (this.maxsize !== 0 || this.closing || link.isLost || link.backlog + bytes.length > BACKLOG)
      return false;
    this.ask();
    this.puts++;
    this.tell('put', ids, bytes);
    return true;
  }

  taskDone(): void {
    // As long as others may have been put that are not known of here, only the broker can say.
    if (!this.asking && this.word(UNFINISHED) === 0) throw tooOften();
    this.ask();
    this.dones++;
    this.tell('done');
  }

  shutdown(immediate: boolean): void {
    this.closing = true;
    this.tell('shutdown', immediate);
    this.ask();
    if (!immediate) return;
    this.unfinished_ -= this.size;
    this.size_ = -this.puts;
  }

  /** It has been shut down elsewhere. */
  override news(): void {
    this.closing = true;
  }

  /** Asks, after all that was said in the same turn. */
  turn(): void {
    const { puts, dones } = this;
    Told.say(this, 'sync', null, null, (answer) => {
      const { size, unfinished, excess, refused } = answer as unknown as QueueNews;
      this.size_ = size;
      this.unfinished_ = unfinished;
      this.puts -= puts;
      this.dones -= dones;
      this.asking = false;
      if (this.puts + this.dones > 0) this.ask();
      if (refused > 0) throw new ShutDown(`${refused} items were put after the queue had been shut down`);
      if (excess > 0) throw tooOften();
    });
  }

  private ask(): void {
    if (this.asking) return;
    if (this.puts + this.dones === 0) {
      this.size_ = this.word(SIZE);
      this.unfinished_ = this.word(UNFINISHED);
    }
    this.asking = true;
    hub.schedule(this);
  }

  private word(at: number): number {
    return this.board?.readInt32(at) ?? 0;
  }
}

function tooOften(): RangeError {
  return new RangeError('taskDone() called too many times: all items that were put have been reported');
}
