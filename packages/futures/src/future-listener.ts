import type { Coroutine } from '@switchyard/greenlet';
import { isFrame } from '@switchyard/greenlet/scheduler';
import { captureContext, hub, Line, type Node, type ScheduledGreenlet, Strand } from '@switchyard/hub/core';

/** Somebody who is to be told, in the hub and once, that a future is done. @internal */
export interface Listener {
  /** Whether it listens to many futures, so that it cannot stand in the line of one itself. */
  readonly shared: boolean;
  notify(future: unknown): void;
}

/** A listener that stands in the line of one future. @internal */
export interface Link extends Listener, Node {}

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

  get shared(): boolean {
    return false;
  }

  notify(future: unknown): void {
    this.listener.notify(future);
  }
}

/** Those who listen to a future: nobody, one, or a line of them. Most have one at the most. @internal */
export type Listeners = Listener | Line<Link> | null;

/** What has listeners. */
interface Source {
  listeners: Listeners;
}

/** Adds one. @returns its place in the line, when it listens to many and another was there before @internal */
export function enlist(source: Source, listener: Listener): Place | null {
  if (source.listeners === null) {
    source.listeners = listener;
    return null;
  }
  if (!(source.listeners instanceof Line)) {
    const line = new Line<Link>();
    line.push(source.listeners.shared ? new Place(source.listeners) : (source.listeners as Link));
    source.listeners = line;
  }
  const place = listener.shared ? new Place(listener) : null;
  source.listeners.push(place ?? (listener as Link));
  return place;
}

/** Removes one; nothing happens when it is not there. @internal */
export function unlist(source: Source, listener: Listener, place: Place | null): void {
  const { listeners } = source;
  if (listeners === listener) source.listeners = null;
  if (!(listeners instanceof Line)) return;
  if (place !== null) listeners.remove(place);
  else if (!listener.shared) listeners.remove(listener as Link);
  else {
    // It was the first, and got its place when a second one came.
    for (const link of listeners) {
      if (!(link instanceof Place) || link.listener !== listener) continue;
      listeners.remove(link);
      break;
    }
  }
  if (listeners.length === 0) source.listeners = null;
}

/** Takes out the first. @internal */
export function firstOf(source: Source): Listener | null {
  const { listeners } = source;
  if (!(listeners instanceof Line)) {
    source.listeners = null;
    return listeners;
  }
  const first = listeners.shift();
  if (listeners.length === 0) source.listeners = null;
  return first;
}

/** All of them. @internal */
export function listed({ listeners }: Source): Listener[] {
  if (listeners === null) return [];
  return listeners instanceof Line ? [...listeners] : [listeners];
}

/** A user's function, called in the async context in which it was added. @internal */
export class Callback implements Link {
  before: Node | null;
  after: Node | null;
  readonly fn: (value: never) => unknown;
  private readonly context: ReturnType<typeof captureContext>;
  private readonly what: string;

  constructor(fn: (value: never) => unknown, what: string) {
    this.before = null;
    this.after = null;
    this.fn = fn;
    this.context = captureContext();
    this.what = what;
  }

  get shared(): boolean {
    return false;
  }

  notify(value: unknown): void {
    this.context.runInAsyncScope(callback, undefined, this.fn, value, this.what);
  }
}

/** Calls a user's function; what it returns is waited for in a greenlet of its own, and every error is reported. @internal */
export function callback(fn: (value: never) => unknown, value: unknown, what: string): void {
  let returned: unknown;
  try {
    returned = fn(value as never);
  } catch (error) {
    hub.reports.report(error, null);
    return;
  }
  // A one-line callback may happen to return the future that it was given.
  if (returned === value || !isWaitedFor(returned)) return;
  const strand: Strand<unknown> = new Strand<unknown>(
    fn.name === '' ? what : `${what} ${fn.name}`,
    () => returned as Coroutine<unknown>,
    (failed, outcome) => {
      if (failed) hub.reports.report(outcome, strand as unknown as ScheduledGreenlet);
    },
  );
}

function isWaitedFor(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return isFrame(value) || typeof (value as PromiseLike<unknown>).then === 'function';
}
