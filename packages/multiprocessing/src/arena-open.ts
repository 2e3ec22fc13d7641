import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readSync, statfsSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeError } from '@switchyard/remote';
import { nameFor, removeLater } from './arena-names.ts';

/** Each file begins with random bytes, by which it is recognised: a path may lead to another one by now. */
const TOKEN = 16;
/** Linux: a file that never has a name. Not among Node's constants; the same number on all platforms that Node is for. */
const TMPFILE = 0o20000000;
const ANONYMOUS = TMPFILE | constants.O_DIRECTORY | constants.O_RDWR;
const OWNER_ONLY = 0o600;

/** A file that was opened. */
export interface Opened {
  readonly fd: number;
  /** The bytes it begins with, in hex. */
  readonly token: string;
  /** Its name, where it has to have one. */
  readonly path: string | null;
}

/** The directories for files, the best first: the first one is memory. */
export function directories(): readonly string[] {
  return process.platform === 'linux' ? ['/dev/shm', tmpdir()] : [tmpdir()];
}

/** Whether a directory is there and has so much room. */
export function hasRoom(directory: string, bytes: number): boolean {
  try {
    const { blocks, bavail, bsize } = statfsSync(directory);
    // Memory without a limit says that it has none at all.
    return blocks === 0 || bavail * bsize >= bytes;
  } catch {
    return false;
  }
}

/**
 * Makes a file that others find. On Linux it has no name, so that nothing is left of it however its users end: they find
 * it among the open files of this process.
 */
export function create(directory: string): Opened {
  const bytes = randomBytes(TOKEN);
  const token = bytes.toString('hex');
  const fd = process.platform === 'linux' ? createAnonymous(directory) : -1;
  if (fd >= 0) {
    writeSync(fd, bytes, 0, TOKEN, 0);
    if (canBeFound(fd, token)) return { fd, token, path: null };
    closeSync(fd);
  }
  const path = join(directory, nameFor(randomBytes(8).toString('hex')));
  const named = openSync(path, 'wx+', OWNER_ONLY);
  removeLater(path);
  writeSync(named, bytes, 0, TOKEN, 0);
  return { fd: named, token, path };
}

/**
 * Opens a file that was made elsewhere.
 *
 * @throws RuntimeError when none of the paths leads to it any more
 */
export function openAny(paths: readonly string[], token: string): Opened {
  let refused: unknown;
  for (const path of paths) {
    try {
      const fd = openOne(path, token);
      if (fd >= 0) return { fd, token, path: path.startsWith('/proc/') ? null : path };
    } catch (error) {
      if (isShortage(error)) throw error;
      refused = error;
    }
  }
  throw new RuntimeError(
    'A Value, Array or the like has come from another process, and its memory is not there any more: ' +
      'the process (or thread) that made it has ended' +
      (refused === undefined ? '' : ', or belongs to another user'),
    { cause: refused },
  );
}

/** Where others find what this process has open. Linux only. */
export function throughProcess(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

/** Whether a file could not be made larger because the disk (or what of it one may have) is full. */
export function isNoRoom(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}

/** Too many open files, or too little memory: says nothing of the file. */
export function isShortage(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM';
}

/** Returns -1 where the file system has no such files. */
function createAnonymous(directory: string): number {
  try {
    return openSync(directory, ANONYMOUS, OWNER_ONLY);
  } catch (error) {
    if (isShortage(error)) throw error;
    return -1;
  }
}

/** Whether /proc is there and shows this process: not in every container. */
function canBeFound(fd: number, token: string): boolean {
  try {
    const again = openOne(throughProcess(fd), token);
    if (again >= 0) closeSync(again);
    return again >= 0;
  } catch (error) {
    if (isShortage(error)) throw error;
    return false;
  }
}

/** Returns the file descriptor; -1 when nothing is there, or something else. */
function openOne(path: string, token: string): number {
  // Something else may be there by now, and to open a pipe would wait.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return -1;
  const fd = openSync(path, constants.O_RDWR);
  const bytes = Buffer.alloc(TOKEN);
  try {
    if (readSync(fd, bytes, 0, TOKEN, 0) === TOKEN && bytes.toString('hex') === token) return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return -1;
}
