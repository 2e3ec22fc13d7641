import { ERROR, hub, PENDING, type Queued, TimedWait, VALUE } from '@switchyard/hub/core';
import type { Asking } from './link.ts';
import type { Stub } from './stub.ts';
import type { Plain } from './wire.ts';

const WAITING = 0;
const ANSWERED = 1;
const REFUSED = 2;
const LATE = 3;

/**
 * A question to an object in the broker. It may be given up while it waits, and an answer that was on its way then is
 * undone, so that nothing gets lost. @internal
 */
export abstract class Ask<T> extends TimedWait<T> implements Asking, Queued {
  readonly stub: Stub;
  protected ticket: number;
  private phase: number;
  private value: Plain;
  private came: Uint8Array | null;
  private error: Error | null;

  /** @param limit milliseconds; -1 for none, 0 for a question that is answered at once */
  constructor(stub: Stub, limit: number) {
    super(limit);
    this.stub = stub;
    this.ticket = -1;
    this.phase = WAITING;
    this.value = null;
    this.came = null;
    this.error = null;
  }

  /** What is asked; `now` for an answer at once. */
  protected abstract verb(now: boolean): string;
  /** What comes with the question. */
  protected arg(): Plain {
    return null;
  }
  protected body(): Uint8Array | null {
    return null;
  }
  /** What an answer is for whoever waits. @throws what it is, if it is an error */
  protected abstract made(value: Plain, body: Uint8Array | null): T;
  /** What it is when the time is up. @throws what it is, if it is an error */
  protected late(): T {
    throw new Error(`${this.describe()} has no time limit`);
  }
  /** Somebody gave up, and the answer came after all. */
  protected undo(_value: Plain, _body: Uint8Array | null): void {}
  /** Answers without asking, where that is possible. */
  protected first(): T | typeof PENDING {
    return PENDING;
  }

  /** Asks now, and waits for the answer later. */
  enroll(): void {
    const { stub } = this;
    this.ticket = stub.link.ask(this, stub.handle, this.verb(this.answersAtOnce), this.arg(), this.body());
    hub.outside++;
  }

  answered(value: Plain, body: Uint8Array | null): void {
    this.value = value;
    this.came = body;
    this.come(ANSWERED);
  }

  refused(error: Error): void {
    this.error = error;
    this.come(REFUSED);
  }

  turn(): void {
    // It was given up between its answer and its turn, and undone then.
    if (this.phase === WAITING) return;
    const { phase } = this;
    this.reset();
    if (phase === REFUSED) this.resume(ERROR, this.error);
    else if (phase === LATE) this.conclude(() => this.late());
    else this.conclude(() => this.made(this.value, this.came));
  }

  cancelled(): void {
    this.come(LATE);
  }

  override expire(): void {
    // What is here already is not to be given back.
    if (this.phase !== WAITING) return;
    // Whether it came in time is for the broker to say: what it has given by now is not lost.
    this.stub.link.cancel(this.ticket, this);
  }

  protected override begin(): T | typeof PENDING {
    const outcome = this.first();
    if (outcome !== PENDING) return outcome;
    if (this.ticket < 0) this.enroll();
    if (!this.answersAtOnce) this.startLimit();
    return PENDING;
  }

  /** Whether the answer comes at once, so that no time limit is needed. */
  protected get answersAtOnce(): boolean {
    return this.limit === 0;
  }

  protected override detach(): void {
    const { phase } = this;
    if (phase === ANSWERED) {
      this.reset();
      this.undo(this.value, this.came);
    } else if (phase === WAITING) {
      hub.outside--;
      this.forsake();
      this.reset();
    } else this.reset();
  }

  protected override renew(): void {
    super.renew();
    this.reset();
  }

  /** The answer to what was asked, if there will be one, is not for this one any more. @internal */
  forsake(): void {
    this.stub.link.cancel(this.ticket, {
      answered: (value, body) => this.undo(value, body),
      refused() {},
    });
  }

  private reset(): void {
    this.phase = WAITING;
    this.ticket = -1;
  }

  private come(phase: number): void {
    this.phase = phase;
    hub.outside--;
    hub.schedule(this);
  }

  private conclude(outcome: () => T): void {
    let value: T;
    try {
      value = outcome();
    } catch (error) {
      this.resume(ERROR, error);
      return;
    }
    this.resume(VALUE, value);
  }
}
