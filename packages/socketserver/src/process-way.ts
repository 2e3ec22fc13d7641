import { startChild } from '@switchyard/multiprocessing/core';
import { type Peer, type PeerOwner, sendHandle } from '@switchyard/remote/core';
import type { Handed } from './handed.ts';
import { serveInProcess } from './serve-requests.ts';
import type { Way } from './way.ts';
import { GIVE, KILL } from './wire.ts';

/** Those that have not ended. */
const running = new Set<ProcessWay>();
let watching = false;

/** A child process that handles connections, which it is given as they are. @internal */
export class ProcessWay implements Way, PeerOwner {
  readonly peer: Peer;
  readonly target: object;
  readonly args: readonly unknown[];
  readonly returns: boolean;
  private onGone: (() => void) | null;

  constructor(name: string) {
    this.target = serveInProcess;
    this.args = [];
    this.returns = true;
    this.onGone = null;
    this.peer = startChild(this, { name, daemon: false, runtime: { handles: true } });
    running.add(this);
    // By itself one that computes hears of our end within a second.
    if (!watching) process.once('exit', forceAll);
    watching = true;
  }

  give({ id, socket, clientAddress }: Handed): void {
    sendHandle(this.peer.runtime, [GIVE, id, clientAddress], socket);
  }

  kill(id: number): void {
    sendHandle(this.peer.runtime, [KILL, id], null);
  }

  forget(): void {}

  release(): Promise<void> | null {
    const { peer } = this;
    if (peer.gone !== null) return null;
    peer.runtime.ref();
    peer.stop();
    return new Promise((resolve) => (this.onGone = resolve));
  }

  force(): void {
    this.peer.runtime.kill();
  }

  exited(): void {
    running.delete(this);
    this.onGone?.();
  }
}

function forceAll(): void {
  for (const child of running) child.force();
}
