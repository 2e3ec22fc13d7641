import { show } from '@switchyard/greenlet/scheduler';
import { osError } from './errors.ts';
import type { Pollable } from './pollable.ts';

/** What can be watched: a socket or pipe, its `fileno()`, or an object that has one. Python: a file object. */
export type FileObject = number | { fileno(): number };

/** Those of standard input, output and error stay free, as they are in every process. */
const FIRST = 3;

const open: (Pollable | undefined)[] = [];
/** The numbers that have been given back, the lowest on top: a binary heap. */
const free: number[] = [];
let next = FIRST;

/** Finds the lowest number that is free, as the system does. @internal */
export function allocate(file: Pollable): number {
  const number = free.length === 0 ? next++ : takeLowest();
  open[number] = file;
  return number;
}

/** @internal */
export function release(number: number): void {
  open[number] = undefined;
  let place = free.length;
  free.push(number);
  while (place > 0) {
    const above = (place - 1) >> 1;
    const other = free[above] as number;
    if (other <= number) break;
    free[place] = other;
    place = above;
  }
  free[place] = number;
}

/** The number of what is to be watched, which may be -1 for what is closed. @throws TypeError @internal */
export function numberOf(file: FileObject, verb: string): number {
  if (typeof file === 'number') {
    if (!Number.isInteger(file)) {
      throw new TypeError(`Expected a whole number as a file of ${verb}, got ${show(file)}`);
    }
    return file;
  }
  if (file === null || typeof file !== 'object' || typeof file.fileno !== 'function') {
    throw new TypeError(
      `Expected a socket, its fileno(), or an object with a fileno() as a file of ${verb}, got ${show(file)}`,
    );
  }
  const number: unknown = file.fileno();
  if (!Number.isInteger(number)) {
    throw new TypeError(`Expected fileno() of a file of ${verb} to give a whole number, got ${show(number)}`);
  }
  return number as number;
}

/**
 * What is to be watched.
 *
 * @throws TypeError when it is no file; RangeError when it has been closed; OSError with `EBADF` when nothing has this number
 * @internal
 */
export function pollableOf(file: FileObject, verb: string): Pollable {
  const number = numberOf(file, verb);
  if (number < 0) {
    throw new RangeError(
      `Expected a file that is open for ${verb}, got the number ${number}, which is of none that is open`,
    );
  }
  const found = open[number];
  if (found === undefined) throw osError('EBADF', `${verb} of the file number ${number}, which nothing has`);
  return found;
}

/** What has this number now. @internal */
export function fileAt(number: number): Pollable | undefined {
  return open[number];
}

function takeLowest(): number {
  const lowest = free[0] as number;
  const last = free.pop() as number;
  const size = free.length;
  if (size === 0) return lowest;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= size) break;
    if (below + 1 < size && (free[below + 1] as number) < (free[below] as number)) below++;
    const other = free[below] as number;
    if (other >= last) break;
    free[place] = other;
    place = below;
  }
  free[place] = last;
  return lowest;
}
