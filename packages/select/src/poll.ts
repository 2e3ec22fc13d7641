import type { Waitable } from '@switchyard/hub';
import { type PENDING } from '@switchyard/hub/core';
import { checkMask } from './epoll.ts';
import { KeyError, osError, RuntimeError } from './errors.ts';
import { ALWAYS, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDHUP } from './events.ts';
import { type FileObject, numberOf, pollableOf } from './files.ts';
import { Interest, Poll as PollWait, type Registration } from './interest.ts';
import { checkLimit, type Limit } from './limits.ts';
import type { Socket } from './socket.ts';

const KNOWN = POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLNVAL | POLLRDHUP;

/**
 * Files that are watched, whichever are ready, level-triggered. A file that is closed is reported with `POLLNVAL` until it is
 * unregistered.
 *
 * Python: `select.poll`.
 */
export class Poll<F extends FileObject = Socket> extends Interest<F, [file: F, events: number]> {
  /**
   * Watches a file; one that is watched already, for something else from now on.
   *
   * @param events what for; `POLLERR`, `POLLHUP` and `POLLNVAL` are always told of
   * @throws RangeError for a file that is closed, or for bits that nothing has; TypeError for what is no file
   */
  register(file: F, events: number = POLLIN | POLLPRI | POLLOUT): void {
    checkMask(events, 'poll.register', KNOWN);
    const pollable = pollableOf(file, 'poll.register');
    const known = this.registrations.get(pollable.fileno());
    if (known !== undefined) this.drop(known);
    this.arm(this.add(file, pollable), (events & ~POLLNVAL) | ALWAYS);
  }

  /** Asks for other events of a file. @throws FileNotFoundError when it is not registered */
  modify(file: F, events: number): void {
    checkMask(events, 'poll.modify', KNOWN);
    const registration = this.find(file, 'poll.modify');
    if (registration === undefined) {
      throw osError('ENOENT', `poll.modify of file number ${numberOf(file, 'poll.modify')}, not registered`);
    }
    this.arm(registration, (events & ~POLLNVAL) | ALWAYS);
  }

  /** Watches a file no more. @throws KeyError when it is not registered */
  unregister(file: F): void {
    const registration = this.find(file, 'poll.unregister');
    if (registration === undefined) {
      throw new KeyError(
        `poll.unregister of file number ${numberOf(file, 'poll.unregister')}, not registered`,
      );
    }
    this.drop(registration);
  }

  /**
   * Waits until something is ready, and gives each of those files, as it was registered and in that order, with its events;
   * nothing when the time (in ms; null or negative for no limit) was up. Never answers before the event loop has turned.
   *
   * @throws RuntimeError when somebody polls it already: use an epoll or a selector for that
   */
  poll(limit?: Limit): Waitable<[file: F, events: number][]> {
    return new SinglePoll<F>(this, checkLimit(limit, 'poll.poll', 'never'), Infinity);
  }

  /** What is ready now, without waiting for the event loop to turn. */
  pollNowait(): [file: F, events: number][] {
    return this.collect(Infinity);
  }

  /** @internal */
  override collect(limit: number): [F, number][] {
    this.sortReady();
    return super.collect(limit);
  }

  /** @internal */
  checkSingle(): void {
    if (this.waits.length > 0) {
      throw new RuntimeError('poll() of a poll object that somebody polls already: make another one');
    }
  }

  /** @internal */
  override gone(registration: Registration<F, [F, number]>): void {
    this.hit(registration);
  }

  /** @internal */
  protected override eventsOf(registration: Registration<F, [F, number]>): number {
    return registration.mask !== 0 && registration.pollable.closed ? POLLNVAL : super.eventsOf(registration);
  }

  /** @internal */
  protected override entry(registration: Registration<F, [F, number]>, events: number): [F, number] {
    return [registration.subject, events];
  }

  /** @internal */
  override ended(): null {
    return null;
  }

  /** @internal */
  override describe(): string {
    return `poll.poll of ${this.registrations.size}`;
  }

  // By its object also when that has been closed and has no number any more.
  private find(file: F, verb: string): Registration<F, [F, number]> | undefined {
    const number = numberOf(file, verb);
    if (number >= 0) return this.registrations.get(number);
    for (const registration of this.registrations.values()) {
      if (registration.subject === file) return registration;
    }
    return undefined;
  }
}

class SinglePoll<F extends FileObject> extends PollWait<F, [file: F, events: number]> {
  private readonly single: Poll<F>;

  constructor(poll: Poll<F>, limit: number, most: number) {
    super(poll, limit, most);
    this.single = poll;
  }

  protected override begin(): [file: F, events: number][] | typeof PENDING {
    this.single.checkSingle();
    return super.begin();
  }
}
