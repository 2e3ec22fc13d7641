import type { Exit, Peer } from '@switchyard/remote/core';

/** The thread or process that a worker of a pool is. @internal */
export interface Host {
  readonly peer: Peer;
  /** Ends it by force. */
  kill(): void;
  /**
   * It is not needed any more, and its tenant is told nothing more of it.
   *
   * @param unused whether others may use it as it is
   * @returns a promise of its end; null when there is nothing to wait for
   */
  release(unused: boolean): Promise<void> | null;
}

/** Who uses it. @internal */
export interface HostTenant {
  /** A call has ended, and was told. */
  ended(): void;
  /** It has ended, and all its calls were told. */
  exited(host: unknown, exit: Exit): void;
}

/** Where the workers of a kind of pool come from. @internal */
export interface HostKind {
  /**
   * Whether it shares memory with its workers: then buffers move there, and a task that a worker has not begun can be taken
   * back from it at once.
   */
  readonly sharesMemory: boolean;
  /** Whether errors name the process. */
  readonly hasPid: boolean;
  /** @throws what starting one throws */
  start(tenant: HostTenant, name: string): Host;
}
