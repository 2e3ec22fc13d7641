import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

// A manager listens on a socket in a directory of its own, which only its user may enter. The directory is removed by the
// manager when it ends, by whoever used it when it was killed, and by the next manager when those were killed too.

/** Whose directory it is stands in its name. */
const PATTERN = /^switchyard-(\d+)-m[0-9a-f]+$/;
const SOCKET = 's';
/** The longest path of a directory that leaves room for the rest: Node cuts off what does not fit, and listens elsewhere. */
const ROOM = 65;

/** What is to be looked after when this process ends, and whether its manager is ended with it. */
const used = new Map<string, boolean>();
let watching = false;

/** A new path for the manager that runs as this process to listen on. Nothing is there yet. */
export function placeFor(pid: number): string {
  const name = `switchyard-${pid}-m${randomBytes(6).toString('hex')}`;
  // Windows lets in the user who made a pipe and administrators, and removes it by itself.
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(home(), name, SOCKET);
}

/** Makes the directory of a path, for this user only. */
export function prepare(path: string): void {
  if (directoryOf(path) === null) return;
  mkdirSync(dirname(path), { mode: 0o700 });
  process.once('exit', () => removePlace(path));
}

/** Removes the directory of a path. Its manager has ended. */
export function removePlace(path: string): void {
  used.delete(path);
  const directory = directoryOf(path);
  if (directory === null) return;
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    // It is somebody else's.
  }
}

/**
 * Has what a manager may leave removed when this process ends: if that one has ended by then, or is ended with this one.
 */
export function removeAtExit(path: string, endsWithThis = false): void {
  if (directoryOf(path) === null) return;
  if (!watching) process.once('exit', removeUsed);
  watching = true;
  used.set(path, endsWithThis || used.get(path) === true);
}

/** Removes what managers have left that were killed together with all who used them. */
export function sweepPlaces(): void {
  const parent = home();
  let entries: string[];
  try {
    entries = readdirSync(parent);
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(parent, entry, SOCKET);
    if (PATTERN.test(entry) && !isRunning(path) && isMine(dirname(path))) removeIfDeaf(path);
  }
}

/** Whether the process that a path is named after is there. */
function isRunning(path: string): boolean {
  const pid = Number(/switchyard-(\d+)-/.exec(path)?.[1]);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function home(): string {
  const directory = tmpdir();
  return Buffer.byteLength(directory) <= ROOM ? directory : '/tmp';
}

function removeUsed(): void {
  for (const [path, endsWithThis] of used) if (endsWithThis || !isRunning(path)) removePlace(path);
}

function directoryOf(path: string): string | null {
  const directory = dirname(path);
  return PATTERN.test(basename(directory)) ? directory : null;
}

function isMine(directory: string): boolean {
  try {
    const stats = lstatSync(directory);
    return stats.isDirectory() && stats.uid === process.getuid?.();
  } catch {
    return false;
  }
}

// Its process may live where process numbers are others: in another container that has the same directory for such files.
function removeIfDeaf(path: string): void {
  const socket = connect(path);
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') removePlace(path);
  });
  socket.once('connect', () => socket.destroy());
}
