import { readdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

// Where a file must have a name, something is left of it when its process is killed. The name tells whose it was, and
// whoever uses such files next, or ends having used them, removes it.

const PREFIX = 'switchyard-memory-';
const PATTERN = /^switchyard-memory-(\d+)-[0-9a-f]+$/;

const names = new Set<string>();
const swept = new Set<string>();

/** The name of a file of this process. */
export function nameFor(random: string): string {
  return `${PREFIX}${process.pid}-${random}`;
}

/** Removes a file of this process when it ends. */
export function removeLater(path: string): void {
  watch(dirname(path));
  names.add(path);
}

/** Removes a file now: nobody is going to open it. */
export function removeNow(path: string): void {
  names.delete(path);
  remove(path);
}

/** Removes what processes that have ended left in a directory: now, and when this one ends. */
export function watch(directory: string): void {
  if (swept.size === 0) process.once('exit', removeAll);
  if (swept.has(directory)) return;
  swept.add(directory);
  sweep(directory, false);
}

function removeAll(): void {
  for (const path of names) remove(path);
  // The main thread ends last, and a thread that was stopped by force has removed nothing.
  for (const directory of swept) sweep(directory, isMainThread);
}

function sweep(directory: string, mine: boolean): void {
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch {
    return;
  }
  for (const entry of entries) {
    const pid = Number(PATTERN.exec(entry)?.[1] ?? 0);
    if (pid !== 0 && (pid === process.pid ? mine : !isRunning(pid))) remove(join(directory, entry));
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Another one was faster, or it is somebody else's.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
