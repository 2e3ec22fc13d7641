import { AsyncLocalStorage } from 'node:async_hooks';
import { type Greenlet, joinall, killall, spawn } from '@switchyard/gevent';
import { type Coroutine, isInterrupt, Waiter } from '@switchyard/hub';

/** One that is killed may take so long for its cleanup, in ms; after that it is not waited for. */
const LAST_WORDS = 1000;

/** In which handler of this thread the code runs, however deep. */
const inside = new AsyncLocalStorage<Service>();

/** A request that is handled here, in a greenlet of its own. @internal */
export class Service {
  readonly greenlet: Greenlet<unknown>;
  /** Who waits for its end, if anybody does. */
  private waiter: Waiter<void> | null;
  private readonly giveUp: () => void;
  private over: boolean;

  /**
   * @param body handles the request
   * @param giveUp called when it is not waited for any more, or was killed before it began: lets go of the request
   * @param ended called at its end
   */
  constructor(name: string, body: () => Coroutine, giveUp: () => void, ended: (service: Service) => void) {
    this.waiter = null;
    this.giveUp = giveUp;
    this.over = false;
    let begun = false;
    this.greenlet = inside.run(this, () =>
      spawn(function* (): Coroutine {
        begun = true;
        yield* body();
      }),
    ) as unknown as Greenlet<unknown>;
    this.greenlet.name = name;
    this.greenlet.rawlink(() => {
      if (!begun) giveUp();
      ended(this);
      this.end();
    });
  }

  /** Waits for its end, or until it is given up; whoever is killed meanwhile takes it along, and waits for its cleanup. */
  *wait(): Coroutine {
    if (this.over) return;
    this.waiter = new Waiter<void>();
    try {
      yield* this.waiter;
    } finally {
      if (!this.over && !(yield* killed([this.greenlet]))) this.abandon();
    }
  }

  /** It does not end, though it was killed: nobody waits for it any more. */
  abandon(): void {
    this.giveUp();
    this.end();
  }

  private end(): void {
    this.over = true;
    this.waiter?.wake();
  }
}

/** The requests that are handled here. @internal */
export class Services {
  private readonly running: Set<Service>;

  constructor() {
    this.running = new Set();
  }

  get size(): number {
    return this.running.size;
  }

  start(name: string, body: () => Coroutine, giveUp: () => void): Service {
    const service = new Service(name, body, giveUp, (ended) => this.running.delete(ended));
    this.running.add(service);
    return service;
  }

  /** The one whose handler asks, if it is one of these. */
  own(): Service | null {
    const service = inside.getStore();
    return service !== undefined && this.running.has(service) ? service : null;
  }

  /**
   * Waits for those that run, but for one of them, and kills the ones that take too long.
   *
   * @param limit ms until then; -1 for never
   */
  *drain(limit: number, except: Service | null): Coroutine {
    const others = (): Service[] => [...this.running].filter((service) => service !== except);
    const greenlets = others().map(({ greenlet }) => greenlet);
    void (yield* joinall(greenlets, limit < 0 ? {} : { timeout: limit }));
    const late = others();
    if (late.length === 0) return;
    if (yield* killed(late.map(({ greenlet }) => greenlet))) return;
    for (const service of late) {
      if (service.greenlet.ready()) continue;
      this.running.delete(service);
      service.abandon();
    }
  }
}

/** Kills them, and waits for their cleanup. @returns whether they have ended; false when that takes too long */
export function* killed(greenlets: readonly Greenlet<unknown>[]): Coroutine<boolean> {
  try {
    yield* killall(greenlets, { timeout: LAST_WORDS });
    return true;
  } catch (error) {
    // Its own time limit is one, too: then some of them will not end.
    if (!isInterrupt(error) || greenlets.every((greenlet) => greenlet.ready())) throw error;
    return false;
  }
}
