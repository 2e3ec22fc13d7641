import { until, type Waitable } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { Call, type Exit, type Peer } from '@switchyard/remote/core';
import type { Address } from './address.ts';
import { linkTo } from './connect.ts';
import type { Link } from './link.ts';
import { placeFor, removeAtExit, removePlace } from './manager-place.ts';
import { serveManager } from './manager-serve.ts';
import { howItEnded } from './process-error.ts';
import { startChild } from './start-child.ts';

/** A manager's process, as the one that started it sees it. @internal */
export class ManagerProcess {
  readonly link: Link;
  private readonly peer: Peer;
  /** Settled when it has ended. */
  private readonly end: Promise<void>;
  private settle: () => void;
  private stopped: boolean;

  constructor(authkey: Uint8Array) {
    this.settle = () => {};
    this.end = new Promise((resolve) => (this.settle = resolve));
    this.stopped = false;
    this.peer = startChild(
      { exited: (_peer, exit) => this.exited(exit) },
      { daemon: true, prefix: 'SyncManager', authkey },
    );
    // It has its number already, and comes up while others go on here: it is called until it answers.
    const address: Address = {
      path: placeFor(this.peer.runtime.id),
      key: Buffer.from(authkey).toString('base64'),
    };
    this.link = linkTo(address);
    removeAtExit(address.path, true);
    this.peer.push(new Serving(address, (error) => this.failed(error)));
    this.peer.runtime.unref();
  }

  /** Has it end. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    if (this.peer.gone !== null) return;
    this.link.lost(new RuntimeError('the manager has been shut down'));
    this.peer.stop();
  }

  /** Has it end, and waits for that. */
  shutdown(): Waitable<void> {
    const shutdown = (): Promise<void> => {
      this.stop();
      if (this.peer.gone === null) this.peer.runtime.ref();
      return this.end;
    };
    return until(shutdown);
  }

  private failed(cause: unknown): void {
    this.link.lost(new RuntimeError("the manager's process could not serve", { cause }));
    this.peer.stop();
  }

  private exited(exit: Exit): void {
    removePlace(this.link.address.path);
    this.link.lost(new RuntimeError(`the manager's process ${howItEnded(exit)}`, { cause: exit.error }));
    this.settle();
  }
}

/** Its task, which ends only by failing. */
class Serving extends Call {
  private readonly failed: (error: unknown) => void;

  constructor(address: Address, failed: (error: unknown) => void) {
    super(serveManager, [address], 0, 'manager');
    this.failed = failed;
  }

  override settled(_failed: boolean, outcome: unknown): void {
    this.failed(outcome);
  }

  override lost(): void {}
}
