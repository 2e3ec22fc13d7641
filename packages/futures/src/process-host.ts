import { startChild } from '@switchyard/multiprocessing/core';
import type { Exit, Peer, PeerOwner, RuntimeOptions } from '@switchyard/remote/core';
import type { Host, HostTenant } from './worker-host.ts';

/** Those that have not ended. */
const running = new Set<ProcessHost>();
let watching = false;

/**
 * A child process of the family of @switchyard/multiprocessing: what processes share can be sent there, and it may have
 * children of its own. It ends with this process, however that ends. @internal
 */
export class ProcessHost implements Host, PeerOwner {
  readonly peer: Peer;
  /** Null when it is not needed any more. */
  private tenant: HostTenant | null;
  private onGone: (() => void) | null;

  constructor(tenant: HostTenant, name: string, runtime: RuntimeOptions) {
    this.tenant = tenant;
    this.onGone = null;
    this.peer = startChild(this, { name, daemon: false, runtime });
    running.add(this);
    // By itself one that computes hears of our end within a second.
    if (!watching) process.once('exit', killAll);
    watching = true;
  }

  kill(): void {
    this.peer.runtime.kill();
  }

  release(): Promise<void> | null {
    const { peer } = this;
    this.tenant = null;
    if (peer.gone !== null) return null;
    peer.runtime.ref();
    // One that is not up has nothing that it could bring to its end.
    if (peer.up) peer.stop();
    else peer.runtime.kill();
    return new Promise((resolve) => (this.onGone = resolve));
  }

  ended(): void {
    this.tenant?.ended();
  }

  exited(_peer: Peer, exit: Exit): void {
    running.delete(this);
    this.tenant?.exited(this, exit);
    this.onGone?.();
  }
}

function killAll(): void {
  for (const host of running) host.kill();
}
