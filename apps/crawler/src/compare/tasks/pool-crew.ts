import { AsyncResult, type Coroutine } from '@switchyard/gevent';
import {
  type Executor,
  type Future,
  GreenletPoolExecutor,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from '@switchyard/futures';
import type { Setting } from '../result.ts';
import type { Crew, Items, OnDone } from './crew.ts';
import { come, type Done, equip, itemError, perform } from './perform.ts';
import { comeToShare, share } from './share.ts';
import type { AnyTask } from './workload.ts';

const NAME = 'the comparison';

/** The crew of an engine that has many items under way. */
export function poolFor(setting: Setting, target: AnyTask, items: Items): Crew {
  const { engine, inFlight, workers, each } = setting;
  const takesItself = engine === 'hybrid';
  const options = {
    name: NAME,
    maxWorkers: workers,
    initializer: equip,
    initargs: [target, !takesItself, takesItself ? items : []] as Parameters<typeof equip>,
  };
  switch (engine) {
    case 'greenlet':
      equip(target, false, []);
      return new Pool(new GreenletPoolExecutor({ name: NAME, maxWorkers: inFlight }), inFlight);
    case 'threads':
      return new Pool(new ThreadPoolExecutor(options), workers);
    case 'processes':
      return new Pool(new ProcessPoolExecutor(options), workers);
    case 'hybrid':
      return new Sharing(new ThreadPoolExecutor(options), workers, each);
    default:
      throw new Error(`There is no engine "${engine}"`);
  }
}

/** An executor, given all that there is. */
class Pool implements Crew {
  protected readonly pool: Executor;
  protected readonly come: typeof come;
  readonly #places: number;

  constructor(pool: Executor, places: number, first = come) {
    this.pool = pool;
    this.come = first;
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
        first.map((args) => this.pool.submit(this.come, gate, args)),
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
    super(pool, workers, comeToShare);
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
