import { RuntimeError } from '@switchyard/remote';
import {
  type Call,
  type Exit,
  guard,
  Peer,
  type PeerOwner,
  type RuntimeOptions,
  startProcess,
} from '@switchyard/remote/core';
import { lentIn } from './lent.ts';
import { currentRole, nextIdentity, roleOfChild } from './process-role.ts';

/** What a child process is started with. */
export interface ChildOptions {
  /** Whether it is ended with this process; otherwise this one lives for as long as it does, unless it is unref'ed. */
  readonly daemon: boolean;
  /** Its name; by default the prefix and its identity, as in `Process-1:2`. */
  readonly name?: string;
  readonly prefix?: string;
  /** By default the next one that is free. */
  readonly identity?: readonly number[];
  /** By default that of this process. */
  readonly authkey?: Uint8Array;
  readonly runtime?: RuntimeOptions;
}

/** Those that are ended with this process. */
const daemons = new Set<Peer>();
let ending = false;

/**
 * Starts a child process of this package's family, which knows who it is (`currentProcess()`) and has inherited what there is
 * to inherit. It runs the calls that are pushed, one after the other.
 *
 * @param owner is told as the owner of any `Peer`
 * @throws RuntimeError when this process is a daemon; BootstrapError when its module is only being imported
 * @internal
 */
export function startChild(owner: PeerOwner, options: ChildOptions): Peer {
  guard('A process was started');
  const self = currentRole();
  if (self.daemon) {
    throw new RuntimeError(
      `${self.name} is a daemon, and daemons may not have children: they would be left behind when it is ended`,
    );
  }
  const { daemon, prefix = 'Process', identity = nextIdentity(), runtime } = options;
  const { name = nameOf(prefix, identity), authkey = self.authkey } = options;
  const peer = new Child((events) => startProcess(events, { name, ...runtime }), {
    ended: (ended, call) => owner.ended?.(ended, call),
    exited(gone, exit) {
      daemons.delete(gone);
      owner.exited(gone, exit);
    },
  });
  peer.role({ process: roleOfChild({ name, daemon, identity, authkey }) });
  if (daemon) {
    daemons.add(peer);
    if (!ending) process.once('exit', endDaemons);
    ending = true;
  }
  return peer;
}

/** What was lent to it is taken back when it ends before it has come. */
class Child extends Peer {
  private lent: (() => void)[] | undefined;

  override push(call: Call): void {
    const lent = lentIn(() => super.push(call));
    if (lent.length > 0) (this.lent ??= []).push(...lent);
  }

  override exit(exit: Exit): void {
    for (const takeBack of this.lent?.splice(0) ?? []) takeBack();
    super.exit(exit);
  }
}

/** The name that a process has by default. @internal */
export function nameOf(prefix: string, identity: readonly number[]): string {
  return `${prefix}-${identity.join(':')}`;
}

/** Sends a signal to a child; nothing happens when it has ended. @internal */
export function sendSignal(peer: Peer, signal: NodeJS.Signals): void {
  if (peer.gone !== null || peer.runtime.id < 0) return;
  try {
    process.kill(peer.runtime.id, signal);
  } catch {
    // It has ended by now, and word of that is on its way.
  }
}

function endDaemons(): void {
  for (const peer of daemons) sendSignal(peer, 'SIGTERM');
}
