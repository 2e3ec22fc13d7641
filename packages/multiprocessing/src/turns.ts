/** It is looked at the clock once in so many calls. */
const CHECK = 64;
/** How long the event loop may be kept from turning, in milliseconds. */
const BUDGET = 5;

let calls = 0;
let watching = false;
let since = 0;

/**
 * Whether the event loop has not turned for long, though this was called all the time. Whoever does what needs no wait, over
 * and over, is to wait then nevertheless: other processes may want something, and are not heard otherwise. @internal
 */
export function turnIsDue(): boolean {
  if (++calls % CHECK !== 0) return false;
  const now = performance.now();
  if (watching) return now - since > BUDGET;
  watching = true;
  since = now;
  setImmediate(turned);
  return false;
}

function turned(): void {
  watching = false;
}
