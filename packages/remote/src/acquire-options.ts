import { show } from '@switchyard/greenlet/scheduler';
import { checkTimeout, type TimeoutOption } from '@switchyard/hub/core';

/** How to acquire. */
export interface AcquireOptions extends TimeoutOption {
  /** False to give up at once, with `false`, instead of waiting. */
  blocking?: boolean;
}

/** Checks how to acquire. Returns milliseconds: 0 not to wait, -1 for no limit. @internal */
export function checkAcquire(options: AcquireOptions | undefined, verb: string): number {
  if (options === undefined) return -1;
  const limit = checkTimeout(options, verb);
  const { blocking } = options;
  if (blocking === undefined || blocking === true) return limit;
  if (blocking !== false) {
    throw new TypeError(`Expected true or false as blocking of ${verb}, got ${show(blocking)}`);
  }
  if (limit > 0) {
    throw new TypeError(
      `${verb} cannot have a timeout and not wait: leave out either timeout or blocking: false`,
    );
  }
  return 0;
}
