import { channel } from 'node:diagnostics_channel';
import type { Greenlet } from '@switchyard/greenlet';

/** What `switchyard:greenlet:spawn` carries: a greenlet has been started, and will run in its turn. */
export interface SpawnMessage {
  greenlet: Greenlet;
  /** Who started it; null when that was plain or async code. */
  spawner: Greenlet | null;
}

/** What `switchyard:greenlet:finish` carries: a greenlet has ended. */
export interface FinishMessage {
  greenlet: Greenlet;
  /** Whether it ended with an error. A kill with `GreenletExit` is none. */
  failed: boolean;
  /** The error, or the value that it returned, or the `GreenletExit` that killed it. */
  outcome: unknown;
}

/** What `switchyard:greenlet:block` carries: the event loop was held. */
export interface BlockMessage {
  /** Who held it; null for code outside of greenlets: callbacks, promise jobs, async functions. */
  greenlet: Greenlet | null;
  /** Its name, or null. */
  name: string | null;
  /** For how many milliseconds nothing else could run. */
  ms: number;
  /** In how many turns of greenlets; above 1 it is the one with the longest that is named. 0 outside of greenlets. */
  turns: number;
  /** Where it was spawned, when spawn sites are tracked. */
  spawnedAt: string | null;
}

/** @internal */
export const spawned = channel('switchyard:greenlet:spawn');
/** @internal */
export const finished = channel('switchyard:greenlet:finish');
/** @internal */
export const blocked = channel('switchyard:greenlet:block');
