/** How far the task of a future is. Python: the states of `concurrent.futures.Future`. */
export type FutureState = 'PENDING' | 'RUNNING' | 'CANCELLED' | 'CANCELLED_AND_NOTIFIED' | 'FINISHED';

// As numbers they are ordered: what is above RUNS is done.
export const WAITS = 0;
export const RUNS = 1;
export const CANCELLED = 2;
export const NOTIFIED = 3;
export const FINISHED = 4;

/** What each is called. */
export const STATES: readonly FutureState[] = [
  'PENDING',
  'RUNNING',
  'CANCELLED',
  'CANCELLED_AND_NOTIFIED',
  'FINISHED',
];
