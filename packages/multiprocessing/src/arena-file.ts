import { Buffer } from 'node:buffer';
import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { RuntimeError } from '@switchyard/remote';
import { removeNow, watch } from './arena-names.ts';
import {
  create,
  directories,
  hasRoom,
  isNoRoom,
  isShortage,
  openAny,
  type Opened,
  throughProcess,
} from './arena-open.ts';

/** Where areas begin in a file. */
const HEADER = 64;
/** A file grows by so much at least: it costs as much as a little growth. */
const STEP = 65_536;
/** What is kept of where a file was found: the process that made it, and one that sent it. */
const PLACES = 2;

const ZEROS = Buffer.alloc(STEP);

/** What another process needs to open a file. */
export interface FileState {
  readonly token: string;
  /** Where to try it, the best first. */
  readonly paths: readonly string[];
}

/** What has to be done for a file that nobody here uses any more. */
interface Remains {
  readonly fd: number;
  readonly token: string;
  /** To be removed. */
  readonly path: string | null;
}

/** The files that are open here, by token. */
const known = new Map<string, WeakRef<ArenaFile>>();
/** Those that others may still come to open: open for as long as this process or thread lives. */
const lent = new Set<ArenaFile>();

const unused = new FinalizationRegistry<Remains>(({ fd, token, path }) => {
  // It may have been opened anew.
  if (known.get(token)?.deref() === undefined) known.delete(token);
  closeSync(fd);
  if (path !== null) removeNow(path);
});

// A thread that ends does not close what it opened: the files of a Python thread also stay open.
if (!isMainThread) {
  process.once('exit', () => {
    for (const file of known.values()) file.deref()?.leave();
  });
}

/** A file that processes read and write at positions, as memory that they share. @internal */
export class ArenaFile {
  /** -1 when it has been closed. */
  fd: number;
  /** Whether it was made by this thread. */
  private readonly mine: boolean;
  private readonly token: string;
  /** Where others find it when not with this process. */
  private readonly paths: readonly string[];
  /** Whether it has no name, and is found among the open files of processes. */
  private readonly nameless: boolean;
  /** For the process that made it: how much of it is there, and taken. */
  private size: number;
  private used: number;

  constructor({ fd, token, path }: Opened, paths: readonly string[] | null) {
    this.fd = fd;
    this.mine = paths === null;
    this.token = token;
    this.nameless = path === null;
    this.paths = path === null ? (paths ?? []).slice(-PLACES) : [path];
    this.size = HEADER;
    this.used = HEADER;
    known.set(token, new WeakRef(this));
    unused.register(this, { fd, token, path: paths === null ? path : null });
  }

  /** Where it can be opened. It stays open here from now on. */
  state(): FileState {
    lent.add(this);
    // This process lives now, but the one that made it may live longer.
    const paths = this.nameless ? [throughProcess(this.fd), ...this.paths] : this.paths;
    return { token: this.token, paths };
  }

  /** Closes it when the thread ends, if nobody can be on the way to open it here and nowhere else. */
  leave(): void {
    if (this.mine && lent.has(this)) return;
    const { fd } = this;
    // Others may get the same number now.
    this.fd = -1;
    closeSync(fd);
  }

  /** Takes bytes, all 0, and returns where they begin; -1 when there is no room for them. */
  take(bytes: number): number {
    const at = this.used;
    const end = at + bytes;
    if (end > this.size && !this.reserve(Math.max(end, this.size + STEP))) return -1;
    this.used = end;
    return at;
  }

  /** Grows to a size by writing zeros, so that no later write can find the disk full. Returns false when it is. */
  reserve(size: number): boolean {
    try {
      this.clear(this.size, size - this.size);
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      ftruncateSync(this.fd, this.size);
      return false;
    }
    this.size = size;
    return true;
  }

  /** Writes zeros. */
  clear(at: number, bytes: number): void {
    for (let done = 0; done < bytes;) {
      done += writeSync(this.fd, ZEROS, 0, Math.min(bytes - done, STEP), at + done);
    }
  }
}

/**
 * Makes a file.
 *
 * @param bytes what is going to be taken of it at first
 * @throws RuntimeError when there is no place for it
 */
export function createFile(bytes: number): ArenaFile {
  const size = HEADER + Math.max(bytes, STEP);
  let cause: unknown;
  for (const directory of directories()) {
    if (!hasRoom(directory, size)) continue;
    try {
      const file = new ArenaFile(create(directory), null);
      if (file.reserve(size)) return file;
    } catch (error) {
      if (isShortage(error)) throw error;
      cause = error;
    }
  }
  throw new RuntimeError(
    `Found no place for ${size} bytes of memory that processes share: there is no room, or no right to write, in ` +
      directories().join(' and '),
    { cause },
  );
}

/**
 * The file that was made elsewhere, opened once.
 *
 * @throws RuntimeError when the process that made it has ended
 */
export function openFile({ token, paths }: FileState): ArenaFile {
  const file = known.get(token)?.deref();
  if (file !== undefined) return file;
  const opened = openAny(paths, token);
  if (opened.path !== null) watch(dirname(opened.path));
  return new ArenaFile(opened, paths);
}
