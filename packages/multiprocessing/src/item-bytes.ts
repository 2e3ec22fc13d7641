import { CloneError } from '@switchyard/remote';
import { dumps } from '@switchyard/remote/core';
import { notedIn } from './noted.ts';
import type { Stub } from './stub.ts';
import type { Plain } from './wire.ts';

/** A value on its way through an object in the broker. @internal */
export interface ItemBytes {
  readonly bytes: Uint8Array;
  /** The objects in it that live in the same broker, which keeps them until it has been opened; null for none. */
  readonly ids: Plain;
}

/**
 * Makes bytes of a value that goes through an object in the broker.
 *
 * @param what what the value is called in messages
 * @throws CloneError when it cannot become bytes
 * @internal
 */
export function itemBytes(value: unknown, stub: Stub, what: 'item' | 'value'): ItemBytes {
  let bytes!: Uint8Array;
  const noted = notedIn(() => {
    const pickled = dumps(value, { root: what });
    if (pickled.buffers.length > 0) {
      throw new CloneError(
        `The ${what} has shared memory, which only threads share: send an Array or a Value of this package`,
        'ERR_ITEM_CLONE',
      );
    }
    bytes = pickled.bytes;
  });
  if (noted.length === 0) return { bytes, ids: null };
  return { bytes, ids: noted.filter(({ link }) => link === stub.link).map(({ id }) => id) };
}
