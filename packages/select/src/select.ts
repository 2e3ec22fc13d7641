import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { ERROR, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from './events.ts';
import { type FileObject, numberOf, pollableOf } from './files.ts';
import { checkLimit, type Limit } from './limits.ts';
import type { Pollable } from './pollable.ts';
import { wake, type Wakeable } from './wake.ts';

const READABLE = POLLIN | POLLHUP | POLLERR;
const WRITABLE = POLLOUT | POLLERR;
const EXCEPTIONAL = 0;

/**
 * Waits until something in the lists is ready: those of `readers` that have something to receive, a connection to accept, an
 * end or an error; those of `writers` that have room to send. Of `exceptional` nothing is ever reported, as Node does not tell
 * of urgent data.
 *
 * It looks at all that is listed, at each call: for more than some hundred files, an epoll or a selector costs far less.
 * Never answers before the event loop has turned: timers and other I/O run between two selects.
 *
 * @param limit milliseconds, as a number or `{ timeout }`; null or left out for no limit, 0 for not waiting
 * @returns three new lists, of the same objects, in the same order; all empty when the time was up
 * @throws TypeError for what is no file; RangeError for a file that is closed, or a negative time; OSError with `EBADF` for a
 *   number that nothing has, and when one is closed while this waits for it
 *
 * Python: `select.select`.
 */
export function select<
  R extends FileObject = never,
  W extends FileObject = never,
  X extends FileObject = never,
>(
  readers: Iterable<R>,
  writers: Iterable<W>,
  exceptional: Iterable<X>,
  limit?: Limit,
): Waitable<[readers: R[], writers: W[], exceptional: X[]]> {
  const ms = checkLimit(limit, 'select', 'wrong');
  const lists = [listOf(readers, READABLE), listOf(writers, WRITABLE), listOf(exceptional, EXCEPTIONAL)];
  return new Select(lists, ms) as unknown as Waitable<[R[], W[], X[]]>;
}

interface List {
  readonly files: readonly FileObject[];
  readonly mask: number;
  /** What the files are, once the wait has begun. */
  found: Pollable[];
}

function listOf(files: Iterable<FileObject>, mask: number): List {
  if (files === null || typeof files !== 'object' || typeof files[Symbol.iterator] !== 'function') {
    throw new TypeError(`Expected three lists of files for select, got ${show(files)}`);
  }
  const list = [...files];
  for (const file of list) numberOf(file, 'select');
  return { files: list, mask, found: [] };
}

type Lists = [FileObject[], FileObject[], FileObject[]];

class Select extends TimedWait<Lists> implements Wakeable {
  queued: boolean;
  private lists: readonly List[];
  /** Whether its files know of it. */
  private marked: boolean;

  constructor(lists: readonly List[], limit: number) {
    super(limit);
    this.queued = false;
    this.lists = lists;
    this.marked = false;
  }

  flush(): void {
    if (!this.parked) return;
    try {
      for (const { found } of this.lists) for (const file of found) file.checkOpen('select');
    } catch (error) {
      this.unmark();
      this.resume(ERROR, error);
      return;
    }
    const ready = this.ready();
    if (ready.every((list) => list.length === 0) && this.limit !== 0) {
      this.mark();
      return;
    }
    this.unmark();
    this.resume(VALUE, ready);
  }

  override expire(): void {
    this.unmark();
    this.resume(VALUE, [[], [], []]);
  }

  override describe(): string {
    const [readers, writers] = this.lists as [List, List];
    return `select of ${readers.files.length} readers, ${writers.files.length} writers`;
  }

  protected override begin(): typeof PENDING {
    for (const list of this.lists) list.found = list.files.map((file) => pollableOf(file, 'select'));
    if (this.limit === 0 || this.anyReady()) wake(this);
    else this.mark();
    return PENDING;
  }

  protected override detach(): void {
    this.unmark();
  }

  protected override renew(): void {
    super.renew();
    this.queued = false;
    this.marked = false;
    this.lists = this.lists.map((list) => ({ ...list, found: [] }));
  }

  private anyReady(): boolean {
    return this.lists.some(({ found, mask }) => found.some((file) => (file.events & mask) !== 0));
  }

  private ready(): Lists {
    return this.lists.map(({ files, found, mask }) =>
      files.filter((_file, at) => ((found[at] as Pollable).events & mask) !== 0),
    ) as Lists;
  }

  private mark(): void {
    if (this.marked) return;
    this.marked = true;
    for (const { found } of this.lists) for (const file of found) file.addPicker(this);
    this.startLimit();
  }

  private unmark(): void {
    if (!this.marked) return;
    this.marked = false;
    for (const { found } of this.lists) for (const file of found) file.removePicker(this);
  }
}

/**
 * What is ready now, as `select` gives it, without waiting for the event loop to turn.
 *
 * @throws as `select` does
 */
export function selectNowait<
  R extends FileObject = never,
  W extends FileObject = never,
  X extends FileObject = never,
>(
  readers: Iterable<R>,
  writers: Iterable<W>,
  exceptional: Iterable<X>,
): [readers: R[], writers: W[], exceptional: X[]] {
  const pick = <F extends FileObject>(files: Iterable<F>, mask: number): F[] =>
    (listOf(files, mask).files as F[]).filter((file) => (pollableOf(file, 'select').events & mask) !== 0);
  return [pick(readers, READABLE), pick(writers, WRITABLE), pick(exceptional, EXCEPTIONAL)];
}
