import { GreenletError, getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { hub } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { isThrownBy } from './kill.ts';
import { Callback, type Link, Linkable, type Listener, Place, type Waitlike } from './linkable.ts';
import type { WaitOptions } from './wait.ts';

/** The objects as a list of their own. @internal */
export function list<O>(objects: Iterable<O>, verb: string): O[] {
  if (
    objects === null ||
    typeof objects !== 'object' ||
    !(Symbol.iterator in objects) ||
    objects instanceof Greenlet
  ) {
    throw new TypeError(`Expected a list for ${verb}, as in ${verb}([a, b]), got ${show(objects)}`);
  }
  return [...objects];
}

/** How many of `all` are enough. @internal */
export function enough(options: WaitOptions | undefined, all: number, verb: string): number {
  const count = options?.count;
  if (count === undefined || count === null) return all;
  if (!Number.isInteger(count) || count < 0) {
    throw new RangeError(`Expected a whole number from 0 up as the count of ${verb}, got ${show(count)}`);
  }
  return Math.min(count, all);
}

/** What was given to a kill: an error, or an error class. @internal */
export interface Killed {
  readonly error: unknown;
}

/** The links to a list of objects: one listener for all greenlets of it, so that joining a million makes no object for each. */
export class Watches implements Listener {
  private readonly objects: readonly Waitlike[];
  private readonly group: { one(object: unknown): void };
  /** What they have been killed with, if they have: that is no news. */
  private readonly killed: Killed | null;
  /** What has to be taken back, by index; made when the first link needs it. */
  private links: Map<number, Link> | null = null;
  private linked = true;

  constructor(
    objects: readonly Waitlike[],
    group: { one(object: unknown): void },
    verb: string,
    killed: Killed | null,
  ) {
    this.objects = objects;
    this.group = group;
    this.killed = killed;
    const current = getcurrent();
    // Before the first link: what is refused must not leave any behind.
    objects.forEach((object, at) => {
      if ((object as unknown) === current) {
        throw new GreenletError(`greenlet ${current.name} cannot wait for its own end`);
      }
      if (typeof (object as Partial<Waitlike> | null)?.rawlink !== 'function') {
        throw new TypeError(
          `Expected a greenlet, an event or the like at ${at} of ${verb}, got ${show(object)}`,
        );
      }
    });
    objects.forEach((object, at) => {
      let link: Link | null;
      if (object instanceof Greenlet) link = object.listen(this);
      else if (object instanceof Linkable) {
        link = new Place(this);
        object.enqueue(link);
      } else {
        // An object that somebody else has written may tell us from anywhere; those who wait go on in the hub.
        link = new Callback<unknown>(
          (source) => hub.schedule({ turn: () => this.linked && group.one(source) }),
          true,
        );
        object.rawlink((link as Callback<unknown>).fn);
      }
      if (link !== null) (this.links ??= new Map()).set(at, link);
    });
  }

  get shared(): boolean {
    return true;
  }

  notices(failure: unknown): boolean {
    return this.killed === null || isThrownBy(this.killed.error, failure);
  }

  notify(source: unknown): void {
    this.group.one(source);
  }

  unlink(): void {
    if (!this.linked) return;
    this.linked = false;
    this.objects.forEach((object, at) => {
      const link = this.links?.get(at) ?? null;
      if (object instanceof Greenlet) object.unlisten(this, link);
      else if (object instanceof Linkable) object.dequeue(link as Link);
      else object.unlink((link as Callback<unknown>).fn);
    });
    this.links = null;
  }
}
