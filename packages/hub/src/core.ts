/**
 * For packages that add waitables of their own: the bases of waits and of greenlets that the hub runs.
 */
export { Block, inStrand } from './block.ts';
export { blocked, type BlockMessage } from './channels.ts';
export { captureContext } from './context.ts';
export { Drawn } from './drawn.ts';
export { LISTED, OBSERVED, SHIELDED } from './flags.ts';
export { checkNotified, checkPredicate, mustHold, untilTrue } from './condition.ts';
export { follow } from './follow.ts';
export { hub, type Scopes } from './hub.ts';
export { endRecord, interrupt, recordInterrupts, shields, takeBack } from './interrupt.ts';
export { compareKeys, type Key, keysOf } from './item-order.ts';
export { Line, type Node } from './line.ts';
export { BrokenBarrierError, RuntimeError } from './lock-errors.ts';
export { Empty, Full, ShutDown } from './queue-errors.ts';
export { type Queued, Ring } from './ring.ts';
export { ScheduledGreenlet, Strand } from './scheduled.ts';
export { checkTimeout, TimedWait, type TimeoutOption } from './timed-wait.ts';
export type { Due } from './timers.ts';
export { retrieved, unretrieved } from './unretrieved.ts';
export { ERROR, PENDING, VALUE, Wait } from './wait.ts';
