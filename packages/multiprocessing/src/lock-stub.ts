import { ERROR, hub, Line, PENDING, type Queued, TimedWait, VALUE } from '@switchyard/hub/core';
import { RuntimeError } from '@switchyard/remote';
import { ABANDONED, GRANTED, WANTED } from './broker/lock-served.ts';
import type { Asking } from './link.ts';
import { Stub } from './stub.ts';
import { turnIsDue } from './turns.ts';
import type { Plain } from './wire.ts';

/**
 * A lock as this thread knows it. The broker leases it: with the lease it is taken and released here, without asking, until
 * somebody else wants it. That it is held is on the board before anything is done under it, and that it is free again at the
 * end of a turn, so that the broker knows whether a process that was killed held it. @internal
 */
export class LockStub extends Stub implements Asking, Queued {
  /** Whether somebody here holds it, and who: see `currentNumber`. */
  held: boolean;
  owner: number;
  /** How often the owner has taken it. */
  levels: number;
  /** Whether whoever holds it got it from a process that had ended while holding it. */
  abandoned: boolean;
  private leased: boolean;
  /** Whether the board says that it is held here. */
  private busy: boolean;
  /** Whether others want the lease. */
  private wanted: boolean;
  /** Whether the lease has been asked for. */
  private asked: boolean;
  /** Whether the next holder is to be told that it was abandoned. */
  private bequeathed: boolean;
  private readonly line: Line<LockWait<unknown>>;
  private scheduled: boolean;

  constructor(...args: ConstructorParameters<typeof Stub>) {
    super(...args);
    this.held = false;
    this.owner = 0;
    this.levels = 0;
    this.abandoned = false;
    this.leased = false;
    this.busy = false;
    this.wanted = false;
    this.asked = false;
    this.bequeathed = false;
    this.line = new Line();
    this.scheduled = false;
  }

  /** Takes it if that needs no asking. */
  tryEnter(owner: number, levels: number): boolean {
    if (!this.leased || this.held) return false;
    if (!this.busy) this.mark(true);
    this.held = true;
    this.owner = owner;
    this.levels = levels;
    this.abandoned = this.bequeathed;
    this.bequeathed = false;
    return true;
  }

  /** Whether it can be known without asking that nobody can take it now. */
  get surelyHeld(): boolean {
    return this.leased && this.held;
  }

  /** Whether it can be known without asking that nobody holds it. */
  get surelyFree(): boolean {
    return this.leased ? !this.held : this.board?.readInt32(0) === 0;
  }

  /** Whether somebody holds it, here or elsewhere. */
  locked(): boolean {
    if (this.leased) return this.held;
    if (this.board === null) return this.held;
    return this.board.readInt32(0) !== 0;
  }

  enqueue(wait: LockWait<unknown>): void {
    if (!this.leased) this.askFor();
    // The event loop is to turn first.
    else if (!this.held) setImmediate(() => this.schedule());
    this.line.push(wait);
    this.join();
  }

  dequeue(wait: LockWait<unknown>): void {
    const before = this.line.length;
    this.line.remove(wait);
    if (this.line.length !== before) this.part();
  }

  /** It is free. */
  leave(): void {
    this.held = false;
    this.abandoned = false;
    this.levels = 0;
    this.schedule();
    // Others have waited longer than anybody who comes here now.
    if (this.wanted) this.giveBack();
  }

  answered(value: Plain): void {
    this.asked = false;
    this.lease(value as number);
    this.schedule();
  }

  refused(error: Error): void {
    this.asked = false;
    this.fail(error);
  }

  /** Takes over what the broker has granted. */
  lease(granted: number): void {
    if ((granted & GRANTED) === 0) return;
    this.leased = true;
    this.busy = true;
    this.bequeathed = (granted & ABANDONED) !== 0;
    this.wanted = (granted & WANTED) !== 0;
    this.schedule();
  }

  override news(what: string): void {
    if (what === 'recall') {
      this.wanted = true;
      if (!this.leased) return;
      // Those who do not want to wait need not: it is held, or about to be.
      if (this.held || this.line.length > 0) this.tell('keep');
      else this.giveBack();
    } else if (what === 'release' && this.held) this.leave();
  }

  override lost(error: Error): void {
    this.leased = false;
    this.fail(error);
  }

  /** It was released, and there will be no next turn to say so. */
  override ending(): void {
    if (this.leased && !this.held) this.giveBack();
  }

  /** Lets the next one here have it, or tells the broker that it is free. */
  turn(): void {
    this.scheduled = false;
    while (this.leased && !this.held) {
      const wait = this.line.shift();
      if (wait === null) break;
      this.part();
      wait.enter();
    }
    if (!this.leased) {
      if (this.line.length > 0) this.askFor();
      return;
    }
    if (this.held) return;
    if (this.wanted) this.giveBack();
    else if (this.busy && !this.bequeathed) this.mark(false);
  }

  private mark(busy: boolean): void {
    this.busy = busy;
    if (this.board !== null) this.board.writeInt32(0, busy ? 1 : 0);
    else this.tell(busy ? 'busy' : 'idle', null, null, true);
  }

  private giveBack(): void {
    // Before it is said: whoever is killed now has released it.
    if (this.busy && !this.bequeathed) this.mark(false);
    this.leased = false;
    this.busy = false;
    this.wanted = false;
    this.tell(this.bequeathed ? 'bequeath' : 'back');
    this.bequeathed = false;
    if (this.line.length > 0) this.schedule();
  }

  private askFor(): void {
    if (this.asked) return;
    this.link.ask(this, this.handle, 'acquire', null, null);
    this.asked = true;
  }

  // Also when this process holds it, another one may release it.
  private join(): void {
    hub.outside++;
    this.link.hold();
  }

  private part(): void {
    hub.outside--;
    this.link.drop();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    hub.schedule(this);
  }

  private fail(error: Error): void {
    for (let wait = this.line.shift(); wait !== null; wait = this.line.shift()) {
      this.part();
      wait.fail(error);
    }
  }
}

/** Somebody waits for a lock. @internal */
export abstract class LockWait<T> extends TimedWait<T> implements Queued {
  readonly stub: LockStub;
  protected readonly number: number;
  protected readonly levels: number;
  private error: Error | null;

  constructor(stub: LockStub, limit: number, number: number, levels: number) {
    super(limit);
    this.stub = stub;
    this.number = number;
    this.levels = levels;
    this.error = null;
  }

  /** What whoever waited gets: with the lock, or without when the time was up. */
  protected abstract outcome(got: boolean): T;

  /** It is free, and this one's turn. */
  enter(): void {
    this.stub.tryEnter(this.number, this.levels);
    this.resume(VALUE, this.outcome(true));
  }

  fail(error: Error): void {
    this.error = error;
    hub.schedule(this);
  }

  turn(): void {
    this.resume(ERROR, this.error);
  }

  override expire(): void {
    this.stub.dequeue(this as LockWait<unknown>);
    this.resume(VALUE, this.outcome(false));
  }

  protected override begin(): T | typeof PENDING {
    const { stub } = this;
    if (!turnIsDue() && stub.tryEnter(this.number, this.levels)) return this.outcome(true);
    stub.enqueue(this as LockWait<unknown>);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.stub.dequeue(this as LockWait<unknown>);
  }
}

/** The error of a release of what nobody holds. @internal */
export function notHeld(what: string): RuntimeError {
  return new RuntimeError(`release of ${what} that nobody holds`);
}
