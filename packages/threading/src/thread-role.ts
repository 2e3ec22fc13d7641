import { isMainThread, threadId } from 'node:worker_threads';
import { onRole } from '@switchyard/remote/core';
import { adopt, currentAgent } from './agent.ts';

/** Whom a worker runs as: what its starter told it. */
export interface Role {
  /** Its id in the table of threads. */
  readonly agent: number;
  readonly name: string;
  readonly daemon: boolean;
  /** The id of the main thread. */
  readonly main: number;
}

let role: Role | null = null;
let dummy: Role | null = null;
const listeners: (() => void)[] = [];

onRole((next) => {
  // Processes have roles of their own, and their main thread is a main thread.
  if ((next as Partial<Role> | null)?.agent === undefined) return;
  role = next as Role;
  adopt(role.agent);
  for (const listener of listeners) listener();
});

/** Whom this thread runs as. @internal */
export function currentRole(): Role {
  if (role !== null) return role;
  const agent = currentAgent();
  return (dummy ??= isMainThread
    ? { agent, name: 'MainThread', daemon: false, main: agent }
    : { agent, name: `Dummy-${threadId}`, daemon: true, main: 0 });
}

/** Called when this worker begins to run as another thread. @internal */
export function onRoleChange(listener: () => void): void {
  listeners.push(listener);
}
