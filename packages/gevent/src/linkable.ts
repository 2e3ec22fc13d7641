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

/** No round is under way. */
const BEFORE = 0;
/** Those are told who stood in line when it began. */
const IN_LINE = 1;
/** Those are told who came while others were. */
const LATE = 2;

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
  /** Those who found it ready while others, who came before, had yet to be told: told behind them, in the same round. */
  private late: Line<Link> | null;
  /** How far the round has come, which is interrupted to let timers and sockets have their turn. */
  private stage: number;
  /** The last one to be told in this stage: who comes later waits for the next. */
  private final: Link | null;

  constructor() {
    this.line = new Line<Link>();
    this.notifying = false;
    this.late = null;
    this.stage = BEFORE;
    this.final = null;
  }

  /** Whether those who wait may go on. */
  abstract ready(): boolean;

  /** Whether all are told once it has been ready, or each only while it still is. */
  protected get tellsAll(): boolean {
    return true;
  }

  /** How many wait or are linked. */
  linkcount(): number {
    return this.line.length + (this.late === null ? 0 : this.late.length);
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

  /** Behind those who are being told now: for who finds it ready, and must not overtake them. @internal */
  enqueueLate(link: Link): void {
    this.late ??= new Line<Link>();
    this.late.push(link);
  }

  /** @internal */
  dequeue(link: Link): void {
    if (link === this.final) this.final = link.before as Link | null;
    if (this.late !== null && standsIn(this.late, link)) this.late.remove(link);
    else this.line.remove(link);
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
    if (this.stage === BEFORE) {
      this.stage = IN_LINE;
      this.final = this.line.last;
    }
    if (this.stage === IN_LINE) {
      if (!this.tellUpToFinal(this.line)) return;
      this.stage = LATE;
      this.final = this.late === null ? null : this.late.last;
    }
    if (this.late !== null) {
      if (!this.tellUpToFinal(this.late)) return;
      // Who came back once more, having been told, waits for the next round: others have to have their turn.
      for (let link = this.late.shift(); link !== null; link = this.late.shift()) this.line.push(link);
      this.late = null;
    }
    this.stage = BEFORE;
    this.notifying = false;
    this.check();
  }

  /** Returns false when it has given way to others, and goes on in a later turn. */
  private tellUpToFinal(line: Line<Link>): boolean {
    for (let told = 0; this.final !== null; told++) {
      if (!this.tellsAll && !this.ready()) {
        this.final = null;
        break;
      }
      if (told === BATCH) {
        hub.again(this);
        return false;
      }
      const link = line.shift() as Link;
      if (link === this.final) this.final = null;
      tell(link, this);
    }
    return true;
  }
}

function standsIn(line: Line<Link>, link: Link): boolean {
  let first: Node = link;
  while (first.before !== null) first = first.before;
  return first === line.first;
}

function tell(link: Link, source: unknown): void {
  try {
    link.notify(source);
  } catch (error) {
    hub.reports.report(error, null);
  }
}
