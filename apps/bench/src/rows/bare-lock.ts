/** A lock of bare Atomics: the floor. It knows no owner, cannot be waited for on the main thread, and stays locked when its holder dies. */
const FREE = 0;
const HELD = 1;
const AWAITED = 2;

export const tryEnter = (words: Int32Array): boolean =>
  Atomics.compareExchange(words, 0, FREE, HELD) === FREE;

export function enter(words: Int32Array): void {
  if (tryEnter(words)) return;
  while (Atomics.exchange(words, 0, AWAITED) !== FREE) Atomics.wait(words, 0, AWAITED);
}

export function leave(words: Int32Array): void {
  if (Atomics.exchange(words, 0, FREE) === AWAITED) Atomics.notify(words, 0, 1);
}
