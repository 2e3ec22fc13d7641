import { show } from '@switchyard/greenlet/scheduler';
import * as threads from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/** What can be moved: afterwards it is empty, or closed, here. */
export type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;

/** What has been marked, and what of it moves when it is next sent. */
const marks = new WeakMap<object, readonly Transferable[]>();
/** How many have been marked and not been sent. */
let marked = 0;

/** Whether there is anything that has been marked and not been sent. @internal */
export function anyMarked(): boolean {
  return marked > 0;
}

/** What of `value` moves when it is sent; null when it has not been marked. @internal */
export function movesOf(value: object): readonly Transferable[] | null {
  return marked > 0 ? (marks.get(value) ?? null) : null;
}

// From Node 21 on; those before copy what must not move without being told.
const { isMarkedAsUntransferable } = threads as { isMarkedAsUntransferable?: (value: object) => boolean };

/** Whether it must not move, whatever was asked for: the memory that small Buffers have in common. @internal */
export function isKept(item: Transferable): boolean {
  return isMarkedAsUntransferable?.(item) ?? false;
}

/** The value has not been sent after all. @internal */
export function notSent(value: object, moves: readonly Transferable[]): void {
  mark(value, moves);
}

function mark(value: object, moves: readonly Transferable[]): void {
  if (!marks.has(value)) marked++;
  marks.set(value, moves);
}

/** The value has been sent: what it moved is gone. @internal */
export function sent(value: object): void {
  if (marks.delete(value)) marked--;
}

/**
 * Lets buffers move to another thread instead of being copied: `pool.submit(parse, transfer(buffer))`, or
 * `return transfer(buffer)` in a task. They are empty here afterwards. Between processes they are copied all the same.
 *
 * @param value what is sent
 * @param list what of it moves; by default the value itself and what sits directly in it: buffers, the buffers of typed
 *   arrays, message ports
 * @returns `value` itself, marked for the next time that it is sent
 * @throws TypeError when there is nothing that can move
 */
export function transfer<T>(value: T, list?: readonly Transferable[]): T {
  if (value === null || typeof value !== 'object') {
    throw new TypeError(`Expected something that holds buffers for transfer, got ${show(value)}`);
  }
  if (list !== undefined && !Array.isArray(list)) {
    throw new TypeError(
      `Expected an array of what moves as the second argument of transfer, got ${show(list)}`,
    );
  }
  const moves = list ?? found(value);
  for (const item of moves) {
    if (!isTransferable(item)) {
      throw new TypeError(`Expected buffers or ports in the list of transfer, got ${show(item)}`);
    }
  }
  if (list === undefined && moves.length === 0) {
    throw new TypeError(
      `transfer(${show(value)}) holds nothing that can move: it takes an ArrayBuffer, a typed array, a MessagePort or ` +
        'a stream, or an object or array of them',
    );
  }
  mark(value, moves);
  return value;
}

function found(value: unknown): Transferable[] {
  const moves: Transferable[] = [];
  const look = (item: unknown): void => {
    const thing = ArrayBuffer.isView(item) ? item.buffer : item;
    if (isTransferable(thing) && !moves.includes(thing)) moves.push(thing);
  };
  look(value);
  if (moves.length === 0 && value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) {
    for (const item of Object.values(value)) look(item);
  }
  return moves;
}

const movable = new Set([
  'ArrayBuffer',
  'MessagePort',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
]);

function isTransferable(value: unknown): value is Transferable {
  if (value === null || typeof value !== 'object') return false;
  return movable.has((value.constructor as { name?: string } | undefined)?.name ?? '');
}
