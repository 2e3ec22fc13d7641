import { loadPeer } from './load.ts';

/** What an Effect program yields: `yield*` gives its value. */
export interface Op<T = unknown> {
  [Symbol.iterator](): Iterator<unknown, T, any>;
}

export interface Fiber<T = unknown> {
  readonly id: number;
  readonly value?: T;
}

/** As much of Effect's surface as the rows use; the package is installed by the bench and not there when it is compiled. */
export interface EffectModule {
  readonly Effect: {
    gen<T>(body: () => Generator<unknown, T, any>): Op<T>;
    succeed<T>(value: T): Op<T>;
    sync<T>(body: () => T): Op<T>;
    readonly yieldNow: Op<void>;
    readonly never: Op<never>;
    forkChild<T>(op: Op<T>): Op<Fiber<T>>;
    forEach<A, T>(
      items: Iterable<A>,
      body: (item: A) => Op<T>,
      options: { concurrency: 'unbounded'; discard: true },
    ): Op<void>;
    runFork<T>(op: Op<T>): Fiber<T>;
    runPromise<T>(op: Op<T>): Promise<T>;
  };
  readonly Fiber: {
    join<T>(fiber: Fiber<T>): Op<T>;
    awaitAll(fibers: Iterable<Fiber>): Op<unknown>;
    interruptAll(fibers: Iterable<Fiber>): Op<void>;
  };
  readonly Deferred: {
    makeUnsafe(): object;
    await(deferred: object): Op<unknown>;
    succeed(deferred: object, value: unknown): Op<boolean>;
  };
  readonly Queue: {
    unbounded<T>(): Op<object & { readonly of?: T }>;
    offer<T>(queue: { readonly of?: T }, value: T): Op<boolean>;
    take<T>(queue: { readonly of?: T }): Op<T>;
  };
}

export const loadEffect = (): Promise<EffectModule> => loadPeer<EffectModule>('effect');
