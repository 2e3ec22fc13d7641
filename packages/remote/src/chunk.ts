import { GreenletExit } from '@switchyard/greenlet';
import { follow } from '@switchyard/hub/core';
import type { TaskContext } from './current-task.ts';
import { encodeError } from './error-wire.ts';

/** A task as it is called. */
export type Target = (...args: unknown[]) => unknown;

/** Whether a result has to be waited for. @internal */
export function waits(result: object): boolean {
  if (typeof (result as { then?: unknown }).then === 'function') return true;
  return Symbol.iterator in result && typeof (result as { throw?: unknown }).throw === 'function';
}

/** The values of a task for each of the items, up to the first that fails, and its error. @internal */
export type ChunkResult = readonly [values: unknown[], error?: unknown];

/** Runs a task for each of the items. @internal */
export function runChunk(target: Target, items: readonly unknown[], task: TaskContext): unknown {
  const values: unknown[] = [];
  for (let at = 0; at < items.length; at++) {
    task.throwIfCancelled();
    try {
      const value = target(items[at]);
      if (value !== null && typeof value === 'object' && waits(value))
        return slowChunk(target, items, values, value);
      values.push(value);
    } catch (error) {
      return [values, encodeError(error)];
    }
  }
  return [values];
}

function* slowChunk(target: Target, items: readonly unknown[], values: unknown[], first: object): Generator {
  let value: unknown = first;
  try {
    for (;;) {
      values.push(yield* follow<unknown>(() => value));
      if (values.length === items.length) return [values];
      value = target(items[values.length]);
    }
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    return [values, encodeError(error)];
  }
}
