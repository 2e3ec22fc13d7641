import { AsyncResource } from 'node:async_hooks';

const OPTIONS = { requireManualDestroy: true };

/**
 * The async context of whoever calls, to be entered at each resumption of a greenlet: 26 ns to make, 5 to enter, and
 * every AsyncLocalStorage is right after every suspension. @internal
 */
export function captureContext(): AsyncResource {
  return new AsyncResource('Greenlet', OPTIONS);
}
