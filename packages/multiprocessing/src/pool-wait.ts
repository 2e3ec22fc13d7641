import type { Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import type { AsyncResult } from './async-result.ts';

/** Starts when it is waited for; what no worker has begun is taken back when whoever waits gives up. @internal */
export function waited<T>(label: string, start: (label: string) => AsyncResult<T>): Waitable<T> {
  return new Block<T>(label, function* () {
    const result = start(label);
    try {
      return yield* result;
    } finally {
      result.abandon();
    }
  });
}
