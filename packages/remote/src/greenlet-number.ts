import type { Greenlet } from '@switchyard/greenlet';
import { current, NATIVE } from '@switchyard/greenlet/scheduler';

const numbers = new WeakMap<Greenlet, number>();
let last = 0;

/**
 * Who runs within this thread, for locks that belong to whoever took them: a number for each greenlet, and 0 for all
 * plain and async code together. @internal
 */
export function currentNumber(): number {
  const greenlet = current;
  if ((greenlet.flags & NATIVE) !== 0) return 0;
  let number = numbers.get(greenlet);
  if (number === undefined) numbers.set(greenlet, (number = last = (last + 1) & 0x7fffffff || 1));
  return number;
}
