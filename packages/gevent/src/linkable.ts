import { show } from '@switchyard/greenlet/scheduler';
import { hub, Line, type Node, type Queued } from '@switchyard/hub/core';

/** Somebody who is to be told. @internal */
export interface Listener {
  /** Whether it listens to many at once, so that it cannot stand in a line itself. */
  readonly shared?: boolean;
  /** Called once in the hub, where nothing can wait. */
  notify(source: unknown): void;
  /** Whether whoever is told takes notice of this failure, so that it need not be reported. */
  notices(failure: unknown): boolean;
}

/** Somebody who is to be told and stands in a line: a callback, or a wait that goes on. @internal */
export interface Link extends Node, Listener {}

/** A callback in the line of those to be told. @internal */
export class Callback<S> implements Link {
  before: Node | null = null;
  after: Node | null = null;
  private readonly observes: boolean;
  readonly fn: (source: S) => void;
  /** What `unlink` is called with; the callback itself unless that was wrapped. */
  readonly key: unknown;

  constructor(fn: (source: S) => void, observes: boolean, key: unknown = fn) {
    this.fn = fn;
    this.observes = observes;
    this.key = key;
  }

  notices(): boolean {
    return this.observes;
  }

  notify(source: unknown): void {
    this.fn(source as S);
  }
}

/** The place in a line of somebody who listens to many. @internal */
export class Place implements Link {
  before: Node | null;
  after: Node | null;
  readonly listener: Listener;

  constructor(listener: Listener) {
    this.before = null;
    this.after = null;
    this.listener = listener;
  }

  notices(failure: unknown): boolean {
    return this.listener.notices(failure);
  }

  notify(source: unknown): void {
    this.listener.notify(source);
  }
}

/** How many are told before timers and sockets may get their turn. */
const BATCH = 256;

/** Whatever `wait` and `iwait` can wait for. */
export interface Waitlike {
  ready(): boolean;
  rawlink(callback: (source: unknown) => void): void;
  unlink(callback: (source: unknown) => void): void;
}

/**
 * The base of what can be ready: those who wait and the callbacks that are linked stand in one line and are told in
 * order, in the hub, some time after it became ready.
 *
 * Python: `gevent._abstract_linkable.AbstractLinkable`.
 */
export abstract class Linkable implements Queued, Waitlike {
  private readonly line: Line<Link>;
  private notifying: boolean;
  /** The last one to be told in the round that is under way: who comes later waits for the next. */
  private final: Link | null;
  /** Whether a round has been interrupted to let timers and sockets have their turn. */
  private midway: boolean;

  constructor() {
    this.line = new Line<Link>();
    this.notifying = false;
    this.final = null;
    this.midway = false;
  }

  /** Whether those who wait may go on. */
  abstract ready(): boolean;

  /** Whether all are told once it has been ready, or each only while it still is. */
  protected get tellsAll(): boolean {
    return true;
  }

  /** How many wait or are linked. */
  linkcount(): number {
    return this.line.length;
  }

  /**
   * Has a callback called in the hub, with this object, when it is ready; at once (but not inside of this call) when it
   * is already. It must not wait. A callback is called once and then forgotten.
   *
   * @throws TypeError when it is not a function
   */
  rawlink(callback: (source: this) => void): void {
    if (typeof callback !== 'function')
      throw new TypeError(`Expected a function to link, got ${show(callback)}`);
    this.enqueue(new Callback<this>(callback, true));
  }

  /** Takes back a `rawlink`; nothing happens when it is not linked. */
  unlink(callback: (source: this) => void): void {
    for (const link of this.line) {
      if (link instanceof Callback && link.key === callback) {
        this.dequeue(link);
        return;
      }
    }
  }

  /** @internal */
  enqueue(link: Link): void {
    this.line.push(link);
    this.check();
  }

  /** To the end of those who are being told now: for who finds it ready, and must not overtake them. @internal */
  enqueueLate(link: Link): void {
    this.line.push(link);
    this.final = link;
  }

  /** @internal */
  dequeue(link: Link): void {
    if (link === this.final) this.final = link.before as Link | null;
    this.line.remove(link);
  }

  /** Whether others, who came before, are still to be told that it is ready. @internal */
  get telling(): boolean {
    return this.notifying;
  }

  /** Has those who wait told, if it is ready. */
  protected check(): void {
    if (this.notifying || this.line.length === 0 || !this.ready()) return;
    this.notifying = true;
    hub.schedule(this);
  }

  /** @internal */
  turn(): void {
    const line = this.line;
    if (!this.midway) this.final = line.last;
    this.midway = false;
    for (let told = 0; this.final !== null; told++) {
      if (!this.tellsAll && !this.ready()) break;
      if (told === BATCH) {
        this.midway = true;
        hub.again(this);
        return;
      }
      const link = line.shift() as Link;
      if (link === this.final) this.final = null;
      tell(link, this);
    }
    this.final = null;
    this.notifying = false;
    this.check();
  }
}

function tell(link: Link, source: unknown): void {
  try {
    link.notify(source);
  } catch (error) {
    hub.reports.report(error, null);
  }
}
