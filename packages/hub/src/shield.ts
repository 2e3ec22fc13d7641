import { getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { Block } from './block.ts';
import { type Body, follow } from './follow.ts';
import { holdBack, letThrough } from './interrupt.ts';
import type { Outcome, Waitable } from './waitable.ts';

/**
 * Runs a body that kills and timeouts cannot cut short: those that come meanwhile are thrown when the body has ended,
 * the first of them from the block itself. An error of the body is then its `cause`. A timeout that the body starts
 * itself does cut its part of the body short.
 *
 * @returns what the body returns, waited for if it can be
 */
export function shield<R>(body: Body<R>): Waitable<Outcome<R>> {
  if (typeof body !== 'function' && (body === null || typeof body !== 'object')) {
    throw new TypeError(
      `Expected a function or something to wait for as the body of shield, got ${show(body)}`,
    );
  }
  return new Block('shield', function* () {
    const greenlet = getcurrent();
    holdBack(greenlet);
    let failure: { error: unknown } | null = null;
    let result: Outcome<R> | undefined;
    try {
      result = yield* follow(body);
    } catch (error) {
      failure = { error };
    }
    const first = letThrough(greenlet);
    if (first !== null) {
      const { error } = first;
      if (failure !== null && error instanceof Error && error.cause === undefined)
        error.cause = failure.error;
      throw error;
    }
    if (failure !== null) throw failure.error;
    return result as Outcome<R>;
  });
}
