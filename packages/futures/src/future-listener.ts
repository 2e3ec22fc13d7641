import type { Coroutine } from '@switchyard/greenlet';
import { isFrame } from '@switchyard/greenlet/scheduler';
import { captureContext, hub, type Node, type ScheduledGreenlet, Strand } from '@switchyard/hub/core';

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
