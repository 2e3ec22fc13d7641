/** Whoever wants to hear that a signal was aborted. @internal */
export interface Abortable {
  aborted(reason: unknown): void;
}

/**
 * Many fetches may share one signal: it gets one listener for them all. Node warns of a leak from the eleventh on, and
 * looks through all of them to remove one.
 */
const listeners = new WeakMap<AbortSignal, SignalListener>();

/** @internal */
export function listen(signal: AbortSignal, fetch: Abortable): void {
  let listener = listeners.get(signal);
  if (listener === undefined) {
    listener = new SignalListener(signal);
    listeners.set(signal, listener);
    signal.addEventListener('abort', listener);
  }
  listener.fetches.add(fetch);
}

/** @internal */
export function unlisten(signal: AbortSignal, fetch: Abortable): void {
  const listener = listeners.get(signal);
  if (listener === undefined) return;
  listener.fetches.delete(fetch);
  if (listener.fetches.size > 0) return;
  listeners.delete(signal);
  signal.removeEventListener('abort', listener);
}

class SignalListener {
  readonly fetches: Set<Abortable>;
  private readonly signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.fetches = new Set();
    this.signal = signal;
  }

  handleEvent(): void {
    // Each one leaves the set as it is aborted.
    for (const fetch of this.fetches) fetch.aborted(this.signal.reason);
  }
}
