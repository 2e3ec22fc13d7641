import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { osError } from './errors.ts';
import {
  ALWAYS,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from './events.ts';
import { fileAt, type FileObject, numberOf, pollableOf } from './files.ts';
import { EDGES, Interest, ONCE, Poll as PollWait, type Registration } from './interest.ts';
import { checkLimit, type Limit } from './limits.ts';
import { wake } from './wake.ts';
import type { Socket } from './socket.ts';

const LEVELS = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP;
// `|` gives 32 bits with a sign, and EPOLLET is the sign: a mask may be negative.
const KNOWN = LEVELS | EPOLLONESHOT | EPOLLET;

/** How to wait, and for how many. */
export interface EpollOptions {
  /** Milliseconds to wait at most; negative, null or left out for no limit. */
  timeout?: number | null | undefined;
  /** How many events are reported at most; -1, the default, for all. */
  maxevents?: number | undefined;
}

/**
 * Files that are watched, whichever are ready: level-triggered, with `EPOLLET` told of once for each edge, with
 * `EPOLLONESHOT` once until `modify`. What a poll costs follows what is ready, whatever is registered. A file that is closed
 * leaves by itself.
 *
 * Python: `select.epoll`.
 */
export class Epoll<F extends FileObject = Socket> extends Interest<F, [file: F, events: number]> {
  private open: boolean;

  constructor() {
    super();
    this.open = true;
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return !this.open;
  }

  /**
   * Watches a file.
   *
   * @param events what for; `EPOLLERR` and `EPOLLHUP` are always told of
   * @throws FileExistsError when it is registered already; RangeError for a file that is closed, or for bits that nothing
   *   has; TypeError for what is no file
   */
  register(file: F, events: number = EPOLLIN | EPOLLPRI | EPOLLOUT): void {
    this.checkOpen('register');
    checkMask(events, 'epoll.register');
    const pollable = pollableOf(file, 'epoll.register');
    if (this.registrations.has(pollable.fileno())) {
      throw osError(
        'EEXIST',
        `epoll.register of ${pollable.describe()}, which is registered already: use modify`,
      );
    }
    this.watch(this.add(file, pollable), events);
  }

  /**
   * Asks for other events of a file, and arms it again after `EPOLLONESHOT` and `EPOLLET`.
   *
   * @throws FileNotFoundError when it is not registered; otherwise as `register`
   */
  modify(file: F, events: number): void {
    this.checkOpen('modify');
    checkMask(events, 'epoll.modify');
    const registration = this.find(file, 'epoll.modify');
    // Arrives anew: a list that holds it at its old place would hide a fresh edge.
    this.watch(registration, events);
  }

  /** Watches a file no more. @throws FileNotFoundError when it is not registered; OSError with `EBADF` when it is closed */
  unregister(file: F): void {
    this.checkOpen('unregister');
    this.drop(this.find(file, 'epoll.unregister'));
  }

  /**
   * Waits until something is ready, and gives each of those files, as it was registered, with its events; nothing when the
   * time (in ms) was up. Never answers before the event loop has turned: timers and other I/O run between two polls. A wait
   * that is going on sees what is registered meanwhile, and ends with nothing when the epoll is closed.
   *
   * @throws RangeError when it has been closed, or `maxevents` is neither -1 nor from 1 up
   */
  poll(options?: Limit | EpollOptions): Waitable<[file: F, events: number][]> {
    const limit = checkLimit(options, 'epoll.poll', 'never');
    const most =
      options !== null && typeof options === 'object' ? (options as EpollOptions).maxevents : undefined;
    return new EpollWait<F>(this, limit, checkMost(most));
  }

  /** What is ready now, without waiting for the event loop to turn. */
  pollNowait(options?: Pick<EpollOptions, 'maxevents'>): [file: F, events: number][] {
    this.checkOpen('pollNowait');
    return this.collect(checkMost(options?.maxevents));
  }

  /** Lets go of all files, and of those who wait. A second time does nothing. */
  close(): void {
    this.open = false;
    for (const registration of this.registrations.values()) this.drop(registration);
    if (this.waits.length > 0) wake(this);
  }

  /** So that `using poller = epoll()` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  protected override entry(registration: Registration<F, [F, number]>, events: number): [F, number] {
    return [registration.subject, events];
  }

  /** @internal */
  override ended(): [F, number][] | null {
    return this.open ? null : [];
  }

  /** @internal */
  override describe(): string {
    return `epoll.poll of ${this.registrations.size}`;
  }

  /** @internal */
  checkOpen(verb: string): void {
    if (!this.open) throw new RangeError(`${verb} of an epoll that has been closed`);
  }

  private watch(registration: Registration<F, [F, number]>, events: number): void {
    this.arm(
      registration,
      (events & LEVELS) | ALWAYS,
      ((events & EPOLLET) !== 0 ? EDGES : 0) | ((events & EPOLLONESHOT) !== 0 ? ONCE : 0),
    );
  }

  private find(file: F, verb: string): Registration<F, [F, number]> {
    const number = numberOf(file, verb);
    const registration = this.registrations.get(number);
    if (registration !== undefined) return registration;
    if (fileAt(number) === undefined) throw osError('EBADF', `${verb} of a file that is not open`);
    throw osError('ENOENT', `${verb} of file number ${number}, which is not registered`);
  }
}

class EpollWait<F extends FileObject> extends PollWait<F, [file: F, events: number]> {
  private readonly epoll: Epoll<F>;

  constructor(epoll: Epoll<F>, limit: number, most: number) {
    super(epoll, limit, most);
    this.epoll = epoll;
  }

  protected override begin(): ReturnType<PollWait<F, [file: F, events: number]>['begin']> {
    this.epoll.checkOpen('poll');
    return super.begin();
  }
}

/** @throws TypeError, RangeError @internal */
export function checkMask(events: unknown, verb: string, known = KNOWN): void {
  if (typeof events !== 'number') {
    throw new TypeError(`Expected a number of event bits for ${verb}, got ${show(events)}`);
  }
  if (!Number.isInteger(events) || events < -0x80000000 || events > 0xffffffff || (events & ~known) !== 0) {
    throw new RangeError(`Expected event bits such as EPOLLIN | EPOLLOUT for ${verb}, got ${events}`);
  }
}

function checkMost(most: number | undefined): number {
  if (most === undefined || most === -1) return Infinity;
  if (typeof most !== 'number') {
    throw new TypeError(`Expected a whole number as maxevents of epoll.poll, got ${show(most)}`);
  }
  if (!Number.isInteger(most) || most < 1) {
    throw new RangeError(`Expected -1, or a whole number from 1 up, as maxevents of epoll.poll, got ${most}`);
  }
  return most;
}
