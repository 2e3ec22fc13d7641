import { randomBytes } from 'node:crypto';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { onRole } from '@switchyard/remote/core';

/** Whom a process runs as: what its parent told it. */
export interface ProcessRole {
  readonly name: string;
  readonly daemon: boolean;
  /** Its number among those that its parent has made, behind those of the parent; empty for the main process. */
  readonly identity: readonly number[];
  /** What processes of one family prove each other that they are. */
  readonly authkey: Uint8Array;
  /** Null in the main process. */
  readonly parent: { readonly pid: number; readonly name: string; readonly daemon: boolean } | null;
  /** What was inherited beside: see `inherit`. */
  readonly extra: Readonly<Record<string, unknown>>;
}

interface Legacy {
  readonly give: () => unknown;
  readonly take: (value: unknown) => void;
}

/** The threads of a process have its role: they find it here. */
const KEY = '@switchyard/multiprocessing.role';

const legacies = new Map<string, Legacy>();
let role = atFirst();
let made = 0;

onRole((next) => {
  // Threads have roles of their own.
  const given = (next as { process?: ProcessRole } | null)?.process;
  if (given === undefined) return;
  setRole(given);
  for (const [key, { take }] of legacies) if (key in given.extra) take(given.extra[key]);
});

function atFirst(): ProcessRole {
  const known = getEnvironmentData(KEY) as ProcessRole | undefined;
  if (known !== undefined) return known;
  const main: ProcessRole = {
    name: 'MainProcess',
    daemon: false,
    identity: [],
    authkey: new Uint8Array(randomBytes(32)),
    parent: null,
    extra: {},
  };
  if (isMainThread) setEnvironmentData(KEY, main as never);
  return main;
}

function setRole(next: ProcessRole): void {
  role = next;
  setEnvironmentData(KEY, next as never);
}

/** Whom this process runs as. @internal */
export function currentRole(): ProcessRole {
  return role;
}

/** Changes what this process tells others of itself, and hands down to its children and to threads it starts. @internal */
export function changeRole(change: Partial<Pick<ProcessRole, 'name' | 'authkey'>>): void {
  setRole({ ...role, ...change });
}

/**
 * Has something handed down to every process that is started from here, and, as these do the same, to theirs.
 *
 * @param key one that no other module uses
 * @param give called at each start: what is handed down, which must be plain data; undefined for nothing
 * @param take called in the child with what its parent gave: before its task runs, or at once if it runs already
 * @internal
 */
export function inherit(key: string, give: () => unknown, take: (value: unknown) => void): void {
  legacies.set(key, { give, take });
  if (key in role.extra) take(role.extra[key]);
}

/** The identity of the next child of this process. @internal */
export function nextIdentity(): readonly number[] {
  return [...role.identity, ++made];
}

/** The role of a child of this process. @internal */
export function roleOfChild(
  child: Pick<ProcessRole, 'name' | 'daemon' | 'identity' | 'authkey'>,
): ProcessRole {
  const extra: Record<string, unknown> = {};
  for (const [key, { give }] of legacies) {
    const value = give();
    if (value !== undefined) extra[key] = value;
  }
  const parent = { pid: process.pid, name: role.name, daemon: role.daemon };
  return { ...child, parent, extra };
}
