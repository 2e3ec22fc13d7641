/**
 * For packages that add waitables of their own: the bases of waits and of greenlets that the hub runs.
 */
export { Block, inStrand } from './block.ts';
export { captureContext } from './context.ts';
export { Drawn } from './drawn.ts';
export { LISTED, OBSERVED } from './flags.ts';
export { follow } from './follow.ts';
export { hub } from './hub.ts';
export { interrupt } from './interrupt.ts';
export { Line, type Node } from './line.ts';
export { type Queued, Ring } from './ring.ts';
export { ScheduledGreenlet, Strand } from './scheduled.ts';
export { checkTimeout, TimedWait, type TimeoutOption } from './timed-wait.ts';
export type { Due } from './timers.ts';
export { retrieved, unretrieved } from './unretrieved.ts';
export { ERROR, PENDING, VALUE, Wait } from './wait.ts';
