import { Buffer } from 'node:buffer';
import { CloneError } from '@switchyard/remote';
import { dumps, loads } from '@switchyard/remote/core';
import type { Link } from './link.ts';
import { notedIn } from './noted.ts';
import type { Plain } from './wire.ts';

/** A value that a message carries as it is. All others become bytes, of which only those who use them make values again. */
export type Simple = undefined | null | boolean | number | bigint | string;

/**
 * Values on their way to a container. Those that are bytes come one after the other in the body of the message.
 *
 * `sizes` says how many bytes each has, -1 for those that are carried as they are; null when all are. `references` has the
 * ids of the objects in each that live where the container lives; null when there are none.
 */
export type Parcel = readonly [
  simple: readonly Simple[],
  sizes: readonly number[] | null,
  references: readonly (readonly string[])[] | null,
];

/**
 * Values on their way from a container. The objects in them are kept alive until whoever gets them says `got` with the number
 * `lent`, having opened them; 0 when there are none. `at` is where a value was that has been taken out of a list.
 */
export type Delivery = readonly [
  simple: readonly Simple[],
  sizes: readonly number[] | null,
  lent: number,
  at?: number,
];

/** A parcel, and what of it is bytes. */
export interface Packed {
  readonly parcel: Parcel;
  readonly body: Uint8Array | null;
}

/** @internal */
export function isSimple(value: unknown): value is Simple {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}

/**
 * Makes values ready for a container.
 *
 * @param link the way to it
 * @param root what the values are called in the messages of errors
 * @throws CloneError when one of them cannot be sent
 * @internal
 */
export function pack(values: readonly unknown[], link: Link, root: string): Packed {
  if (values.every(isSimple)) return { parcel: [values, null, null], body: null };
  const simple: Simple[] = [];
  const sizes: number[] = [];
  const references: (readonly string[])[] = [];
  const parts: Uint8Array[] = [];
  let refers = false;
  for (const [at, value] of values.entries()) {
    if (isSimple(value)) {
      simple.push(value);
      sizes.push(-1);
      references.push([]);
      continue;
    }
    const name = values.length === 1 ? root : `${root}s[${at}]`;
    const noted = notedIn(() => parts.push(bytesOf(value, name)));
    simple.push(null);
    sizes.push((parts.at(-1) as Uint8Array).length);
    references.push(noted.filter((stub) => stub.link === link).map((stub) => stub.id));
    refers ||= noted.length > 0;
  }
  const body = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  return { parcel: [simple, sizes, refers ? references : null], body };
}

/** The values again. @throws TaskError when the class of one is not known here @internal */
export function unpack([simple, sizes]: Delivery, body: Uint8Array | null): unknown[] {
  if (sizes === null || body === null) return simple as unknown[];
  let end = 0;
  return simple.map((value, at) => {
    const size = sizes[at] as number;
    if (size < 0) return value;
    end += size;
    return loads(body.subarray(end - size, end));
  });
}

/** As part of a message. @internal */
export function plain(part: Parcel | Delivery | Simple): Plain {
  return part as unknown as Plain;
}

function bytesOf(value: unknown, root: string): Uint8Array {
  const { bytes, buffers } = dumps(value, { root });
  if (buffers.length === 0) return bytes;
  throw new CloneError(
    `${root} holds shared memory, which only threads share, and cannot be kept by a manager: keep a copy`,
    'ERR_ITEM_CLONE',
  );
}
