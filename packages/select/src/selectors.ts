import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import type { PENDING } from '@switchyard/hub/core';
import { KeyError, RuntimeError } from './errors.ts';
import { ALWAYS, POLLIN, POLLOUT } from './events.ts';
import { type FileObject, numberOf, pollableOf } from './files.ts';
import { Interest, Poll, type Registration } from './interest.ts';
import { KeyMap } from './key-map.ts';
import { checkLimit, type Limit } from './limits.ts';
import type { Socket } from './socket.ts';
import { wake } from './wake.ts';

/** There is something to receive, or a connection to accept. Python: `selectors.EVENT_READ`. */
export const EVENT_READ = 1;
/** There is room to send. Python: `selectors.EVENT_WRITE`. */
export const EVENT_WRITE = 2;

const BOTH = EVENT_READ | EVENT_WRITE;

/** A file that a selector watches, what for, and what belongs to it. Python: `selectors.SelectorKey`. */
export interface SelectorKey<D = unknown, F extends FileObject = Socket> {
  /** The file, as it was registered. */
  readonly fileobj: F;
  /** Its number when it was registered. */
  readonly fd: number;
  /** `EVENT_READ`, `EVENT_WRITE` or both. */
  readonly events: number;
  /** What was registered with it. */
  readonly data: D;
}

/** What is ready: its key, and `EVENT_READ`, `EVENT_WRITE` or both. */
export type Selected<D, F extends FileObject> = [key: SelectorKey<D, F>, events: number];

type Registered<D, F extends FileObject> = Registration<SelectorKey<D, F>, Selected<D, F>>;

/**
 * Files with data of yours that are watched, whichever are ready, level-triggered. What a select costs follows what is ready,
 * whatever is registered.
 *
 * Python: `selectors.DefaultSelector`.
 */
export class DefaultSelector<D = unknown, F extends FileObject = Socket> extends Interest<
  SelectorKey<D, F>,
  Selected<D, F>
> {
  private map: KeyMap<D, F> | null;
  private open: boolean;

  constructor() {
    super();
    this.map = null;
    this.open = true;
  }

  /**
   * Watches a file.
   *
   * @param events `EVENT_READ`, `EVENT_WRITE` or both
   * @param data what belongs to it, such as the function that deals with it
   * @returns its key
   * @throws KeyError when it is registered already; RangeError for other events, or a file that is closed; TypeError for
   *   what is no file; RuntimeError when the selector has been closed
   */
  register(
    file: F,
    events: number,
    ...[data]: undefined extends D ? [data?: D] : [data: D]
  ): SelectorKey<D, F> {
    this.checkOpen('register');
    checkEvents(events, 'register');
    const pollable = pollableOf(file, 'selector.register');
    const fd = pollable.fileno();
    const known = this.registrations.get(fd);
    if (known !== undefined) {
      if (known.mask !== 0) {
        throw new KeyError(`${pollable.describe()} is registered already, as file number ${fd}: use modify`);
      }
      // The number was that of one which has been closed since; the new one comes last.
      this.registrations.delete(fd);
    }
    const key = SelectorKey(file, fd, events, data as D);
    this.arm(this.add(key, pollable), maskOf(events));
    return key;
  }

  /** Watches a file no more, which may have been closed since. @returns its key @throws KeyError when it is not registered */
  unregister(file: F): SelectorKey<D, F> {
    this.checkOpen('unregister');
    const registration = this.find(file);
    this.drop(registration);
    return registration.subject;
  }

  /**
   * Asks for other events of a file, or gives it other data.
   *
   * @returns its new key
   * @throws KeyError when it is not registered; RangeError for other events; of a file that has been closed, OSError with
   *   `EBADF`, and it is unregistered
   */
  modify(
    file: F,
    events: number,
    ...[data]: undefined extends D ? [data?: D] : [data: D]
  ): SelectorKey<D, F> {
    this.checkOpen('modify');
    const registration = this.find(file);
    checkEvents(events, 'modify');
    const before = registration.subject;
    if (registration.mask === 0) {
      this.drop(registration);
      pollableOf(before.fd, 'selector.modify');
      throw new KeyError(
        `file number ${before.fd} is not registered: it has been closed, and is another one now`,
      );
    }
    const key = SelectorKey(before.fileobj, before.fd, events, data as D);
    registration.subject = key;
    registration.report = null;
    if (events !== before.events) this.arm(registration, maskOf(events));
    return key;
  }

  /**
   * Waits until something is ready, and gives the key of each of those files with what it is ready for; nothing when the
   * time (in ms; null for no limit, 0 or less for not waiting) was up. Never answers before the event loop has turned: timers
   * and other I/O run between two selects. A wait that is going on sees what is registered meanwhile, and ends with nothing
   * when the selector is closed.
   */
  select(limit?: Limit): Waitable<Selected<D, F>[]> {
    return new Select<D, F>(this, checkLimit(limit, 'selector.select', 'now'));
  }

  /** What is ready now, without waiting for the event loop to turn. */
  selectNowait(): Selected<D, F>[] {
    this.checkOpen('selectNowait');
    return this.collect(Infinity);
  }

  /** The key of a file. @throws KeyError when it is not registered; RuntimeError when the selector has been closed */
  getKey(file: F): SelectorKey<D, F> {
    this.checkOpen('getKey');
    return this.find(file).subject;
  }

  /** The keys of all files, by number; it goes on following the selector. Null when it has been closed. */
  getMap(): ReadonlyMap<number, SelectorKey<D, F>> | null {
    return this.open ? (this.map ??= new KeyMap(this.registrations)) : null;
  }

  /** Lets go of all files, and of those who wait. A second time does nothing. */
  close(): void {
    this.open = false;
    for (const registration of this.registrations.values()) this.drop(registration);
    if (this.waits.length > 0) wake(this);
  }

  /** So that `using selector = new DefaultSelector()` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Its key stays until somebody unregisters it. @internal */
  override gone(registration: Registered<D, F>): void {
    this.mute(registration);
  }

  /** @internal */
  protected override entry(registration: Registered<D, F>, events: number): Selected<D, F> | null {
    const key = registration.subject;
    const ready =
      (((events & ~POLLIN) !== 0 ? EVENT_WRITE : 0) | ((events & ~POLLOUT) !== 0 ? EVENT_READ : 0)) &
      key.events;
    if (ready === 0) return null;
    const last = registration.report;
    if (last !== null && last[0] === key && last[1] === ready) return last;
    return (registration.report = [key, ready]);
  }

  /** @internal */
  override ended(): Selected<D, F>[] | null {
    return this.open ? null : [];
  }

  /** @internal */
  override describe(): string {
    return `selector.select of ${this.registrations.size}`;
  }

  /** @internal */
  checkOpen(verb: string): void {
    if (!this.open) throw new RuntimeError(`${verb} of a selector that has been closed`);
  }

  // By its object also when that has been closed and has no number any more.
  private find(file: F): Registered<D, F> {
    const number = numberOf(file, 'a selector');
    if (number >= 0) {
      const found = this.registrations.get(number);
      if (found !== undefined && (typeof file === 'number' || found.mask !== 0)) return found;
    } else {
      for (const each of this.registrations.values()) if (each.subject.fileobj === file) return each;
    }
    throw new KeyError(`${show(file)} is not registered with this selector`);
  }
}

class Select<D, F extends FileObject> extends Poll<SelectorKey<D, F>, Selected<D, F>> {
  private readonly selector: DefaultSelector<D, F>;

  constructor(selector: DefaultSelector<D, F>, limit: number) {
    super(selector, limit, Infinity);
    this.selector = selector;
  }

  protected override begin(): Selected<D, F>[] | typeof PENDING {
    this.selector.checkOpen('select');
    return super.begin();
  }
}

/** Makes such a key, which cannot be changed. Python: `selectors.SelectorKey`. */
export function SelectorKey<D, F extends FileObject>(
  fileobj: F,
  fd: number,
  events: number,
  data: D,
): SelectorKey<D, F> {
  return Object.freeze({ fileobj, fd, events, data });
}

function maskOf(events: number): number {
  return ((events & EVENT_READ) !== 0 ? POLLIN : 0) | ((events & EVENT_WRITE) !== 0 ? POLLOUT : 0) | ALWAYS;
}

function checkEvents(events: unknown, verb: string): void {
  if (typeof events !== 'number') {
    throw new TypeError(`Expected EVENT_READ, EVENT_WRITE or both for ${verb}, got ${show(events)}`);
  }
  if (!Number.isInteger(events) || events < 1 || events > BOTH) {
    throw new RangeError(`Expected EVENT_READ, EVENT_WRITE or both (1, 2 or 3) for ${verb}, got ${events}`);
  }
}
