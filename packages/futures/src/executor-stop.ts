import { GreenletExit } from '@switchyard/greenlet';
import { hub } from '@switchyard/hub/core';
import { CancelledError } from './errors.ts';

/**
 * A task that was told to stop has failed: what went wrong meanwhile, in its cleanup say, must not get lost, though its
 * future tells why it was stopped. @internal
 */
export function explain(stop: Error, failure: unknown): void {
  if (!isNews(failure, stop)) return;
  if (stop.cause === undefined) stop.cause = failure;
  else if (stop.cause !== failure) hub.reports.report(failure, null);
}

/** Whether a task that was told to stop failed with something else than that. */
function isNews(error: unknown, reason: Error): boolean {
  if (error === reason || error instanceof GreenletExit || error instanceof CancelledError) return false;
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  return name !== 'AbortError' && name !== 'CancelledError' && cause !== reason;
}
