/** What the tests of select share. */
import { connect, type Socket as NetSocket } from 'node:net';
import type { Coroutine } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import {
  type Address,
  createServer,
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  select,
  type Socket,
  sockAccept,
  socketpair,
} from '../src/index.ts';

/** Runs a body in a greenlet of its own and waits for its outcome, as the async code around it. */
export function go<T>(body: () => Coroutine<T>): Promise<T> {
  return inStrand('go', body);
}

/** Both sides of a connection. */
export interface Both<F> {
  near: Socket;
  far: F;
  [Symbol.dispose](): void;
}

/** Two connected sockets, closed at the end of the block. */
export async function pair(): Promise<Both<Socket>> {
  const [near, far] = await socketpair();
  return {
    near,
    far,
    [Symbol.dispose]() {
      near.close();
      far.close();
    },
  };
}

/** A listening socket at a free port. */
export function server(): PromiseLike<Socket> {
  return createServer(['127.0.0.1', 0]);
}

/** A connection of our side to plain `net` on the other, for what only Node's own socket can do. */
export async function withNet(): Promise<Both<NetSocket>> {
  using listener = await server();
  const [, port] = listener.getsockname() as [string, number];
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  far.on('error', () => {});
  const [near] = await sockAccept(listener);
  return {
    near,
    far,
    [Symbol.dispose]() {
      near.close();
      far.destroy();
    },
  };
}

/** Waits until a socket is readable, whatever for. */
export async function readable(socket: FileObject): Promise<void> {
  await select([socket], [], [], { timeout: 10_000 });
}

/** Waits until a socket has these event bits. */
export async function until(socket: Socket, bits: number): Promise<void> {
  const end = performance.now() + 10_000;
  while ((socket.events & bits) !== bits) {
    if (performance.now() > end) throw new Error(`has ${socket.events}, not ${bits}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What is thrown, by plain or async code. */
export async function thrownBy(action: () => unknown): Promise<any> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** The code of the error that is thrown. */
export async function codeOf(action: () => unknown): Promise<unknown> {
  return (await thrownBy(action)).code;
}

/** An address where nobody listens. */
export async function nobody(): Promise<Address> {
  const listener = await server();
  const address = listener.getsockname();
  listener.close();
  return address;
}

export { DefaultSelector, EVENT_READ, EVENT_WRITE };
