import { AsyncResult, type Coroutine } from '@switchyard/gevent';
import {
  type Executor,
  type Future,
  GreenletPoolExecutor,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from '@switchyard/futures';
import type { Setting } from '../result.ts';
import { type AnyTask, come, type Done, equip, itemError, perform, performed, share } from './perform.ts';

type Items = readonly (readonly unknown[])[];

/** Called with what came of each item. */
export type OnDone = (index: number, done: Done) => void;

/** Those who do the items of a run. */
export interface Crew {
  /** Whether there are other processes. */
  readonly inProcesses: boolean;
  /** Brings all workers up, each of which does an item that does not count. @param gate what they wait at for each other */
  gather(gate: string, items: Items): Coroutine;
  /** Does items that do not count. */
  warm(items: Items): Coroutine;
  /** Does them all. Fails with the first that does. */
  all(items: Items, onDone: OnDone): Coroutine;
  /** Ends them. */
  close(): Coroutine;
}

/** The crew of an engine. */
export function crewFor(setting: Setting, target: AnyTask, items: Items): Crew {
  const { engine, inFlight, workers, each } = setting;
  const ofWorkers = {
    name: 'the comparison',
    maxWorkers: workers,
    initializer: equip,
    initargs: [target, engine !== 'hybrid', engine === 'hybrid' ? items : []] as Parameters<typeof equip>,
  };
  switch (engine) {
    case 'serial':
      equip(target, true, []);
      return SERIAL;
    case 'greenlet':
      equip(target, false, []);
      return new Pool(new GreenletPoolExecutor({ name: 'the comparison', maxWorkers: inFlight }), inFlight);
    case 'threads':
      return new Pool(new ThreadPoolExecutor(ofWorkers), workers);
    case 'processes':
      return new Pool(new ProcessPoolExecutor(ofWorkers), workers);
    case 'hybrid':
      return new Sharing(new ThreadPoolExecutor(ofWorkers), workers, each);
    default:
      throw new Error(`There is no engine "${engine}"`);
  }
}

/** Item after item, and nobody in between. */
const SERIAL: Crew = {
  inProcesses: false,
  *gather(_gate, items) {
    yield* SERIAL.warm(items.slice(0, 1));
  },
  *warm(items) {
    yield* SERIAL.all(items, () => {});
  },
  *all(items, onDone) {
    for (const [index, args] of items.entries()) {
      let done: Done;
      try {
        done = yield* performed(args);
      } catch (error) {
        throw itemError(index, error);
      }
      onDone(index, done);
    }
  },
  *close() {},
};

/** An executor, given all that there is. */
class Pool implements Crew {
  protected readonly pool: Executor;
  readonly #places: number;

  constructor(pool: Executor, places: number) {
    this.pool = pool;
    this.#places = places;
  }

  get inProcesses(): boolean {
    return this.pool instanceof ProcessPoolExecutor;
  }

  *gather(gate: string, items: Items): Coroutine {
    const first = Array.from({ length: this.#places }, (_, at) => items[at % items.length] ?? []);
    if (this.pool instanceof GreenletPoolExecutor) yield* this.warm(first);
    else
      yield* allOf(
        first.map((args) => this.pool.submit(come, gate, args)),
        () => {},
        (at) => at % items.length,
      );
  }

  *warm(items: Items): Coroutine {
    yield* allOf(
      items.map((args) => this.pool.submit(perform, args)),
      () => {},
    );
  }

  *all(items: Items, onDone: OnDone): Coroutine {
    yield* allOf(
      items.map((args) => this.pool.submit(perform, args) as Future<Done>),
      onDone,
    );
  }

  *close(): Coroutine {
    yield* this.pool.shutdown({ cancelFutures: true });
  }
}

/** Threads that take items by themselves, many at a time. */
class Sharing extends Pool {
  readonly #workers: number;
  readonly #each: number;

  constructor(pool: ThreadPoolExecutor, workers: number, each: number) {
    super(pool, workers);
    this.#workers = workers;
    this.#each = each;
  }

  override *all(_items: Items, onDone: OnDone): Coroutine {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const onProgress = (event: unknown): void => onDone(...(event as Parameters<OnDone>));
    const futures = Array.from({ length: this.#workers }, () =>
      this.pool.submitWith({ onProgress }, share, counter, this.#each),
    );
    // They say themselves which item it was.
    yield* allOf(futures, () => {}, null);
  }
}

/** Waits for all, tells of each as it comes, and fails with the first that does. @param itemOf which item it is, if it is one */
function* allOf<T>(
  futures: readonly Future<T>[],
  onDone: (index: number, value: T) => void,
  itemOf: ((index: number) => number) | null = (index) => index,
): Coroutine {
  const ended = new AsyncResult<void>();
  let left = futures.length;
  for (const [index, future] of futures.entries()) {
    future.addDoneCallback(function* () {
      const error = yield* future.exception();
      if (error !== undefined) ended.setException(itemOf === null ? error : itemError(itemOf(index), error));
      else {
        onDone(index, yield* future);
        if (--left === 0) ended.set(undefined);
      }
    });
  }
  yield* ended.get();
}
