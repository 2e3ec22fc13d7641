import { type ChildProcess, fork, type Serializable, type SerializationType } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';

/** Forks a module of this folder, as one would without us: it is up when it says so with its first message. */
export async function forkChild(
  name: string,
  { serialization = 'json' as SerializationType, args = [] as string[] } = {},
): Promise<ChildProcess> {
  const file = new URL(`${name}${extname(import.meta.url)}`, import.meta.url);
  const child = fork(file, args, { serialization, execArgv: [] });
  await once(child, 'message');
  // What it does not survive must not leave the round waiting.
  child.on('exit', (code, signal) => {
    if (code !== 0) throw new Error(`the child process ${name} has ended with ${code ?? signal}`);
  });
  return child;
}

/** Has it end by itself. */
export async function release(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** Sends a message, and waits until it has been written, so that no more than one waits to be. */
export function sendWritten(to: ChildProcess | NodeJS.Process, message: Serializable): Promise<void> {
  return new Promise((resolve, reject) => {
    to.send!(message, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
