import { ERROR, Line, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import { osError, wouldBlock } from './errors.ts';
import { ALWAYS, POLLIN, POLLOUT } from './events.ts';
import { allocate, release } from './files.ts';
import { type Wakeable, wake } from './wake.ts';

/** Whoever watches a file: the registration of an epoll, a poll or a selector. @internal */
export interface Watch {
  /** The events that it asks for, and those that nobody can refuse. */
  mask: number;
  /** One of them has come up. */
  hit(): void;
  /** The file has been closed. */
  gone(): void;
}

/** Those beside the first watch and the first picker of a file. */
interface Others {
  watches: Watch[];
  pickers: Wakeable[];
}

/**
 * Whatever can be ready: sockets, pipes. What it is ready for is one mask, which is always true; nothing is queued for each
 * event. Python: what has a `fileno()`.
 */
export abstract class Pollable implements Wakeable {
  /** What it is ready for, as `POLLIN`, `POLLOUT` and so on. @internal */
  events: number;
  /** @internal */
  queued: boolean;
  private descriptor: number;
  // One watch, or one picker, is what there nearly always is: no array for it.
  private watch: Watch | null;
  private picker: Wakeable | null;
  private others: Others | null;
  private readers: Line<Operation<unknown>> | null;
  private writers: Line<Operation<unknown>> | null;

  constructor(events: number) {
    this.events = events;
    this.queued = false;
    this.descriptor = allocate(this);
    this.watch = null;
    this.picker = null;
    this.others = null;
    this.readers = null;
    this.writers = null;
  }

  /** A number for it, the lowest that is free, which is of use here only; -1 when it has been closed. */
  fileno(): number {
    return this.descriptor;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.descriptor < 0;
  }

  /** Adds to what it is ready for, and tells those who asked for that. @internal */
  edge(bits: number): void {
    this.events |= bits;
    const { watch, others } = this;
    if (watch !== null && (bits & watch.mask) !== 0) watch.hit();
    if (others !== null) for (const other of others.watches) if ((bits & other.mask) !== 0) other.hit();
    if (this.picker !== null) this.wakePickers();
    if (
      (this.readers !== null && this.readers.length > 0 && (bits & (POLLIN | ALWAYS)) !== 0) ||
      (this.writers !== null && this.writers.length > 0 && (bits & (POLLOUT | ALWAYS)) !== 0)
    ) {
      wake(this);
    }
  }

  /** Tries what is waited for once more, first come, first served. @internal */
  flush(): void {
    if (this.readers !== null) serve(this.readers);
    if (this.writers !== null) serve(this.writers);
  }

  /** Those who wait to receive, or to send. @internal */
  waiting(side: typeof POLLIN | typeof POLLOUT): Line<Operation<unknown>> {
    return side === POLLIN ? (this.readers ??= new Line()) : (this.writers ??= new Line());
  }

  /** @internal */
  addWatch(watch: Watch): void {
    if (this.watch === null) this.watch = watch;
    else this.further().watches.push(watch);
  }

  /** @internal */
  removeWatch(watch: Watch): void {
    const { others } = this;
    if (this.watch === watch) this.watch = others?.watches.shift() ?? null;
    else if (others !== null) others.watches = others.watches.filter((other) => other !== watch);
    this.forgetOthers();
  }

  /** A `select` waits for this file among others. @internal */
  addPicker(picker: Wakeable): void {
    if (this.picker === null) this.picker = picker;
    else if (this.picker !== picker) this.further().pickers.push(picker);
  }

  /** @internal */
  removePicker(picker: Wakeable): void {
    const { others } = this;
    if (others !== null) others.pickers = others.pickers.filter((other) => other !== picker);
    if (this.picker === picker) this.picker = others?.pickers.shift() ?? null;
    this.forgetOthers();
  }

  /** Gives the number back and lets all who watch or wait know. @internal */
  retire(): void {
    release(this.descriptor);
    this.descriptor = -1;
    this.events = 0;
    const watches = [...(this.watch === null ? [] : [this.watch]), ...(this.others?.watches ?? [])];
    this.watch = null;
    if (this.others !== null) this.others.watches = [];
    for (const watch of watches) watch.gone();
    this.wakePickers();
    wake(this);
  }

  /** What it is, for messages. @internal */
  abstract describe(): string;

  /** @throws OSError with `EBADF` when it has been closed @internal */
  checkOpen(verb: string): void {
    if (this.descriptor < 0) {
      throw osError('EBADF', `${verb} on a ${this.describe()} that has been closed`);
    }
  }

  private wakePickers(): void {
    if (this.picker !== null) wake(this.picker);
    if (this.others !== null) for (const picker of this.others.pickers) wake(picker);
  }

  private further(): Others {
    return (this.others ??= { watches: [], pickers: [] });
  }

  private forgetOthers(): void {
    const { others } = this;
    if (others !== null && others.watches.length + others.pickers.length === 0) this.others = null;
  }
}

function serve(line: Line<Operation<unknown>>): void {
  for (let operation = line.first; operation !== null; operation = line.first) {
    let kind: number = VALUE;
    let outcome: unknown;
    try {
      outcome = operation.attempt();
      if (outcome === PENDING) return;
    } catch (error) {
      kind = ERROR;
      outcome = error;
    }
    line.remove(operation);
    operation.resume(kind, outcome);
  }
}

/** An operation that is tried, and tried again whenever its file becomes ready, until it is done. @internal */
export abstract class Operation<T> extends TimedWait<T> {
  protected readonly file: Pollable;
  private readonly line: Line<Operation<unknown>>;

  constructor(file: Pollable, side: typeof POLLIN | typeof POLLOUT, limit: number) {
    super(limit);
    this.file = file;
    this.line = file.waiting(side);
  }

  /** Does it: returns the outcome, or `PENDING` when the file is not ready. */
  abstract attempt(): T | typeof PENDING;

  override expire(): void {
    this.line.remove(this);
    this.resume(ERROR, osError('ETIMEDOUT', `${this.describe()} was not done within ${this.limit} ms`));
  }

  protected override begin(): T | typeof PENDING {
    // Behind those who came before: half of what one sends must not end up in the middle of what another does.
    if (this.line.length === 0 || this.file.closed) {
      const outcome = this.attempt();
      if (outcome !== PENDING) return outcome;
    }
    if (this.limit === 0) throw wouldBlock('EAGAIN', `${this.describe()} would have to wait`);
    this.line.push(this);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.line.remove(this);
  }
}
