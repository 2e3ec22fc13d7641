import type { Peer } from '@switchyard/remote/core';
import type { Handed } from './handed.ts';
import type { FromWorker } from './wire.ts';

/** How connections get to a worker. @internal */
export interface Way {
  readonly peer: Peer;
  /** What it runs. */
  readonly target: object;
  /** What that is given behind the class and the settings. */
  readonly args: readonly unknown[];
  /** Whether one that has not arrived when the worker ends can be given to another. */
  readonly returns: boolean;
  /** Gives it a connection, which it has then in one way or another. */
  give(handed: Handed): void;
  /** Has it end the handler of one. */
  kill(id: number): void;
  /** The connection is closed over there. */
  forget(id: number): void;
  /** It is not needed any more, as its task has ended. @returns a promise of its end; null when it is kept for others */
  release(): Promise<void> | null;
  /** Ends it by force. */
  force(): void;
}

/** What a worker tells. @internal */
export type Hear = (news: FromWorker) => void;
