import { connect, type Socket } from 'node:net';
import { isMainThread, getEnvironmentData, MessageChannel, setEnvironmentData } from 'node:worker_threads';
import { transfer } from '@switchyard/remote';
import { beforeEnd, Call, Peer, startThread } from '@switchyard/remote/core';
import { type Address, newAddress } from './address.ts';
import { authenticate } from './authentication.ts';
import { serve } from './broker/serve.ts';
import { Link } from './link.ts';
import { removeAtExit } from './manager-place.ts';
import { inherit } from './process-role.ts';
import { PortTransport, SocketTransport } from './transport.ts';
import { connectBoth } from './two-ways.ts';
import { hasBody, type ToBroker, type ToClient } from './wire.ts';

const KEY = '@switchyard/multiprocessing.broker';
/** How long a broker may take to come up, in milliseconds. */
const PATIENCE = 10_000;
const RETRY = 5;

const links = new Map<string, Link>();
process.once('exit', () => {
  for (const link of links.values()) link.end();
});
/** The broker of this process, or of the one that started it. */
let home: Address | null = null;

/**
 * The way to the broker that this process uses: that of the process that started it, and so on up; one of its own where
 * there is none. @internal
 */
export function homeLink(): Link {
  home ??= (getEnvironmentData(KEY) as unknown as Address | undefined) ?? null;
  if (home !== null) return linkTo(home);
  home = newAddress();
  const link = new Link(home);
  links.set(nameOf(home), link);
  if (isMainThread) setEnvironmentData(KEY, home as never);
  startBroker(link);
  return link;
}

/** The way to a broker. @internal */
export function linkTo(address: Address): Link {
  const name = nameOf(address);
  let link = links.get(name);
  if (link === undefined) {
    link = new Link(address);
    links.set(name, link);
    removeAtExit(address.path);
    dial(address, link, performance.now() + PATIENCE);
  }
  return link;
}

// Whoever came with another key must not have his failure told to others.
function nameOf({ path, key }: Address): string {
  return `${key} ${path}`;
}

/**
 * Waits until all that was said from this thread has been dealt with, wherever it was said to: before a process is ended that
 * may have said much. @internal
 */
export async function heard(): Promise<void> {
  await Promise.all([...links.values()].map((link) => link.heard()));
}

function startBroker(link: Link): void {
  const { port1, port2 } = new MessageChannel();
  const peer = new Peer((events) => startThread(events, { name: 'broker' }), { exited() {} });
  peer.runtime.unref();
  peer.push(new Serving(link, [transfer(port2), link.address]));
  link.connected(new PortTransport<ToClient, ToBroker>(port1, link));
}

class Serving extends Call {
  private readonly link: Link;

  constructor(link: Link, args: readonly unknown[]) {
    super(serve, args, 0, 'broker');
    this.link = link;
  }

  override settled(_failed: boolean, outcome: unknown): void {
    this.link.lost(outcome instanceof Error ? outcome : null);
  }

  override lost(exit: { error: unknown }): void {
    this.link.lost(exit.error instanceof Error ? exit.error : null);
  }
}

function dial(address: Address, link: Link, end: number): void {
  connectBoth(
    (done) => knock(address, end, done),
    (error, ways) => {
      // One that has ended meanwhile has hung up for that.
      if (ways === null) link.lost(young(address) ? error : null);
      else link.connected(new SocketTransport<ToClient, ToBroker>(ways, link, hasBody));
    },
  );
}

/** Connects a socket, and proves who this is. */
function knock(address: Address, end: number, done: (error: Error | null, socket: Socket) => void): void {
  const socket: Socket = connect(address.path);
  socket.once('error', (error: NodeJS.ErrnoException) => {
    // It is not up yet, or never will be.
    const again =
      (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') && performance.now() < end && young(address);
    if (again) setTimeout(() => knock(address, end, done), RETRY);
    else done(error, socket);
  });
  socket.once('connect', () => {
    socket.removeAllListeners('error');
    authenticate(socket, Buffer.from(address.key, 'base64'), 'client', (error) => done(error, socket));
  });
}

/** Whether the process that listens there can still be starting. */
function young(address: Address): boolean {
  const pid = Number(/switchyard-(\d+)-/.exec(address.path)?.[1]);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// A child uses the broker of its parent, if that has one by then.
inherit(
  'broker',
  () => home,
  (address) => (home ??= address as Address | null),
);

// What a worker of a pool has set, released and put is so when it has ended.
beforeEnd(heard);
