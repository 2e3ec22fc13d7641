import { loadPeer } from './load.ts';

export interface Operation<T = unknown> {
  [Symbol.iterator](): Iterator<unknown, T, any>;
}

export interface Task<T = unknown> extends Operation<T>, PromiseLike<T> {
  halt(): Operation<void> & PromiseLike<void>;
}

/** As much of Effection's surface as the rows use; the package is installed by the bench and not there when it is compiled. */
export interface EffectionModule {
  run<T>(body: () => Operation<T>): Task<T>;
  spawn<T>(body: () => Operation<T>): Operation<Task<T>>;
  withResolvers<T>(): { operation: Operation<T>; resolve(value: T): void };
  createQueue<T>(): { add(item: T): void; next(): Operation<IteratorResult<T, unknown>> };
}

export const loadEffection = (): Promise<EffectionModule> => loadPeer<EffectionModule>('effection');
