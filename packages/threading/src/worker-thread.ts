import { availableParallelism } from 'node:os';
import {
  type Call,
  type Exit,
  guard,
  Peer,
  type PeerOwner,
  type RuntimeOptions,
  startThread,
} from '@switchyard/remote/core';
import { allocate, retire } from './agent.ts';
import { currentRole, type Role } from './thread-role.ts';

/** Whoever uses a worker thread for a time. */
export interface Tenant {
  /** A call has ended, and was told. */
  ended?(worker: WorkerThread, call: Call): void;
  /** The worker has ended, and all its calls were told. */
  exited(worker: WorkerThread, exit: Exit): void;
}

/** So many workers that nobody uses are kept for the next thread. */
const SPARE = Math.max(8, availableParallelism());

/** Those that nobody uses, the one used last at the end: its caches are warm. */
const spare: WorkerThread[] = [];

/**
 * A worker thread of Node, which runs as one thread of ours after the other: to start a new one takes 30 ms and more, to
 * use one again 10 us. What a thread leaves in the module scope of its worker is seen by the next. @internal
 */
export class WorkerThread implements PeerOwner {
  readonly peer: Peer;
  /** Whom it runs as. */
  role: Role;
  private tenant: Tenant | null;
  private reusable: boolean;

  private constructor(tenant: Tenant, role: Role, options?: RuntimeOptions) {
    this.tenant = tenant;
    this.reusable = options === undefined;
    this.role = role;
    this.peer = new Peer((events) => startThread(events, { name: role.name, ...options }), this);
    this.peer.role(this.role);
  }

  /** Takes one that nobody uses, or starts one. @param agent who it runs as, if that has been allocated already */
  static lease(
    tenant: Tenant,
    name: string,
    daemon: boolean,
    options?: RuntimeOptions,
    agent: number | null = null,
  ): WorkerThread {
    guard('A thread was started');
    const role: Role = { agent: agent ?? allocate(), name, daemon, main: currentRole().main };
    const used = options === undefined ? spare.pop() : undefined;
    if (used === undefined) return new WorkerThread(tenant, role, options);
    used.tenant = tenant;
    used.role = role;
    used.peer.runtime.ref();
    used.peer.role(used.role);
    return used;
  }

  /** The thread that it ran as has ended: what that still held counts as abandoned. */
  leave(): void {
    retire(this.role.agent);
  }

  /**
   * Gives it back: it is kept for another, or ended.
   *
   * @param reuse false to have it ended, as it carries what nobody else must see
   * @returns a promise of its end; null when it is kept
   */
  release(reuse = true): Promise<void> | null {
    this.leave();
    this.tenant = null;
    if (this.peer.gone !== null) return null;
    if (reuse && this.reusable && spare.length < SPARE) {
      this.peer.runtime.unref();
      spare.push(this);
      return null;
    }
    return new Promise((resolve) => {
      this.tenant = { exited: () => resolve() };
      this.peer.runtime.ref();
      this.peer.stop();
    });
  }

  /** Ends it by force. */
  kill(): void {
    this.reusable = false;
    this.peer.runtime.kill();
  }

  ended(_peer: Peer, call: Call): void {
    this.tenant?.ended?.(this, call);
  }

  exited(_peer: Peer, exit: Exit): void {
    const at = spare.indexOf(this);
    if (at >= 0) spare.splice(at, 1);
    this.leave();
    this.tenant?.exited(this, exit);
  }
}
