import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Runtime } from './runtime.ts';

/** The children that can be given handles: they have Node's own channel beside our pipes. */
const channels = new WeakMap<Runtime, ChildProcess>();

/** @internal */
export function openChannel(runtime: Runtime, child: ChildProcess): void {
  channels.set(runtime, child);
}

/**
 * Gives a child process a connection, of which nothing has been read, beside a message. It stays open here as well, until it
 * is destroyed, so that another child can be given it if this one ends before it has taken it. A child begins to read from it
 * as soon as it has come: it should be listening by then.
 *
 * @param runtime of a process that was started with `handles`
 * @param message what JSON can say
 * @param connection null for the message alone
 * @throws TypeError when the process was started without `handles`
 * @internal
 */
export function sendHandle(runtime: Runtime, message: object, connection: Socket | null): void {
  const child = channels.get(runtime);
  if (child === undefined) {
    throw new TypeError('Expected a process that was started with { handles: true } for sendHandle');
  }
  if (connection === null) child.send(message, ignore);
  else child.send(message, connection, { keepOpen: true }, ignore);
}

/**
 * Calls back with each message and connection that the parent of this process gives it.
 *
 * @returns takes the listener away
 * @internal
 */
export function onHandle(listener: (message: unknown, connection: Socket | undefined) => void): () => void {
  const heard = listener as (message: unknown, handle: unknown) => void;
  process.on('message', heard);
  return () => void process.off('message', heard);
}

// That it has ended is told by its exit.
function ignore(): void {}
