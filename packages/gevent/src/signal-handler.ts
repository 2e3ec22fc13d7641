import { constants } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { captureContext } from '@switchyard/hub/core';
import { spawn } from './greenlet.ts';
import { notCallable } from './target.ts';

/** A handler that has been set, until it is cancelled. */
export interface SignalHandler extends Disposable {
  /** What is handled. */
  readonly signal: NodeJS.Signals;
  /** Takes the handler away; nothing happens the second time. */
  cancel(): void;
}

/**
 * Runs a function in a greenlet of its own, which may wait, each time that the process gets a signal. It does not keep the
 * process alive.
 *
 * @param signal its name, such as `'SIGTERM'`, or its number
 * @param target a generator function, an async function or a plain function; its error is reported
 * @returns a handle, with `cancel()`; `using` does that at the end of a block
 * @throws TypeError when there is no such signal, it cannot be handled, or `target` is not a function
 *
 * Python: `gevent.signal_handler`.
 */
export function signalHandler<A extends unknown[]>(
  signal: NodeJS.Signals | number,
  target: (...args: A) => unknown,
  ...args: A
): SignalHandler {
  const name = signalName(signal);
  if (typeof target !== 'function') throw notCallable(target);
  const context = captureContext();
  const listener = (): void => context.runInAsyncScope(() => void spawn(target, ...args));
  process.on(name, listener);
  return new Handler(name, listener);
}

/** The number of a signal. @internal */
export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}

/** The name of a signal that can be handled. @internal */
export function signalName(signal: NodeJS.Signals | number): NodeJS.Signals {
  const entry = Object.entries(constants.signals).find(
    ([name, number]) => name === signal || number === signal,
  );
  if (entry === undefined) {
    throw new TypeError(
      `Expected the name or the number of a signal, such as 'SIGTERM', got ${show(signal)}`,
    );
  }
  const name = entry[0] as NodeJS.Signals;
  if (name === 'SIGKILL' || name === 'SIGSTOP') {
    throw new TypeError(`Expected a signal that can be handled, got ${name}: use SIGTERM, SIGINT or SIGHUP`);
  }
  return name;
}

class Handler implements SignalHandler {
  readonly signal: NodeJS.Signals;
  private readonly listener: () => void;

  constructor(signal: NodeJS.Signals, listener: () => void) {
    this.signal = signal;
    this.listener = listener;
  }

  cancel(): void {
    process.off(this.signal, this.listener);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}
