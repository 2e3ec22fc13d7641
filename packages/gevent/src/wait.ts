import type { Waitable } from '@switchyard/hub';
import { checkTimeout, ERROR, PENDING, TimedWait, type TimeoutOption, VALUE } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { isThrownBy } from './kill.ts';
import { Linkable, type Waitlike } from './linkable.ts';
import { list, enough, Watches, type Killed } from './watches.ts';
import { WaitForQuiet } from './quiet.ts';

/** What `wait` and `iwait` take. */
export interface WaitOptions extends TimeoutOption {
  /** How many of the objects are enough; all when left out. */
  count?: number;
}

/** What `joinall` takes. */
export interface JoinallOptions extends WaitOptions {
  /** Whether the first failure is thrown; the others run on. */
  raiseError?: boolean;
}

/**
 * Waits until greenlets have ended.
 *
 * @returns those that have, in the order in which they ended; fewer than were given when the timeout (in ms) came first
 *   or `count` were enough
 * @throws with `raiseError`, the error of the first that failed
 *
 * Python: `gevent.joinall`.
 */
export function joinall<G extends Greenlet<unknown>>(
  greenlets: Iterable<G>,
  options?: JoinallOptions,
): Waitable<G[]> {
  return new WaitAll<G>(list(greenlets, 'joinall'), options, 'joinall', options?.raiseError === true);
}

/**
 * Waits until objects are ready: greenlets, events, async results, semaphores. Without objects, waits until no greenlet
 * is left that could go on: all have ended or wait for ever.
 *
 * @returns the objects that are ready, in the order in which they became so; without objects, whether it came before the
 *   timeout (in ms)
 *
 * Python: `gevent.wait`.
 */
export function wait(objects?: null, options?: TimeoutOption): Waitable<boolean>;
export function wait<O extends Waitlike>(objects: Iterable<O>, options?: WaitOptions): Waitable<O[]>;
export function wait(
  objects?: Iterable<Waitlike> | null,
  options?: WaitOptions,
): Waitable<Waitlike[] | boolean> {
  if (objects === undefined || objects === null) return new WaitForQuiet(checkTimeout(options, 'wait'));
  return new WaitAll<Waitlike>(list(objects, 'wait'), options, 'wait', false);
}

/** Waits for greenlets that have been killed to die. @internal */
export function deaths<G extends Greenlet<unknown>>(
  greenlets: Iterable<G>,
  error: unknown,
  timeout?: number,
): Waitable<G[]> {
  return new WaitAll<G>([...greenlets], { timeout }, 'kill', false, { error });
}

/** The wait for some of a list of objects. @internal */
export class WaitAll<O extends Waitlike> extends TimedWait<O[]> {
  private readonly objects: O[];
  private readonly count: number;
  private readonly verb: string;
  private readonly raises: boolean;
  private readonly killed: Killed | null;
  private done: O[] = [];
  private watches: Watches | null = null;

  constructor(
    objects: O[],
    options: WaitOptions | undefined,
    verb: string,
    raises: boolean,
    killed: Killed | null = null,
  ) {
    super(checkTimeout(options, verb));
    this.objects = objects;
    this.count = enough(options, objects.length, verb);
    this.verb = verb;
    this.raises = raises;
    this.killed = killed;
  }

  one(object: unknown): void {
    if (this.raises && object instanceof Greenlet && !object.successful()) {
      this.watches?.unlink();
      this.resume(ERROR, object.exception);
      return;
    }
    this.done.push(object as O);
    if (this.done.length < this.count) return;
    if (this.count < this.objects.length) this.watches?.unlink();
    this.resume(VALUE, this.done);
  }

  override expire(): void {
    this.watches?.unlink();
    this.resume(VALUE, this.done);
  }

  override describe(): string {
    const left = this.count - this.done.length;
    const some = this.objects.filter((object) => !object.ready()).slice(0, 3);
    const names = some.map((object) => (object instanceof Greenlet ? object.name : object.constructor.name));
    return `${this.verb} (${left} to come${names.length === 0 ? '' : `: ${names.join(', ')}${left > names.length ? ', ...' : ''}`})`;
  }

  protected override begin(): O[] | typeof PENDING {
    this.done = [];
    const ready = this.count === 0 ? [] : this.ready();
    if (ready !== null) return ready;
    this.watches = new Watches(this.objects, this, this.verb, this.killed);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    this.watches?.unlink();
  }

  protected override renew(): void {
    super.renew();
    this.watches = null;
  }

  // What is there already needs no turn of the hub.
  private ready(): O[] | null {
    let left = this.objects.length - this.count;
    for (const object of this.objects) {
      if (!((object instanceof Greenlet || object instanceof Linkable) && object.ready()) && --left < 0)
        return null;
    }
    const ready: O[] = [];
    for (const object of this.objects) {
      if (!(object instanceof Greenlet || object instanceof Linkable) || !object.ready()) continue;
      if (object instanceof Greenlet && !object.successful()) {
        if (this.killed === null || isThrownBy(this.killed.error, object.unobserved()?.error))
          void object.exception;
        if (this.raises) throw object.exception;
      }
      ready.push(object);
      if (ready.length === this.count) break;
    }
    return ready;
  }
}
