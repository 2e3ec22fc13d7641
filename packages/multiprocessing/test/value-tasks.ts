/** What the tests of Value and Array have other processes and threads do. */
import { task } from '@switchyard/remote';
import type { Array as SharedArray } from '../src/array.ts';
import { Value } from '../src/value.ts';

export const getValue = task(import.meta, 'getValue', (value: Value) => value.value);

export const setValue = task(import.meta, 'setValue', (value: Value, to: never) => {
  value.value = to;
});

export const makeValue = task(import.meta, 'makeValue', (to: number) => new Value('i', to, { lock: false }));

/** Sends on what was sent to it. */
export const passOn = task(import.meta, 'passOn', (value: Value<'i'>) => value);

export const addUnderLock = task(
  import.meta,
  'addUnderLock',
  function* (counter: Value<'i'>, totals: SharedArray<'d'>, times: number) {
    for (let n = 0; n < times; n++) {
      using _held = yield* counter.hold();
      counter.value += 1;
      totals[n % totals.length]! += 1;
    }
  },
);

export const negate = task(import.meta, 'negate', (array: SharedArray<'d'>) => {
  for (let index = 0; index < array.length; index++) array[index] = -array[index]!;
  return array.length;
});

export const lengthOf = task(import.meta, 'lengthOf', (array: SharedArray<'d'>) => [array.length, array[-1]]);

export const hasMethods = task(
  import.meta,
  'hasMethods',
  (value: Value) => typeof value.getLock === 'function',
);
