import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { register, revive } from '@switchyard/remote';
import {
  all,
  answered,
  checkIndex,
  checkMore,
  ContainerProxy,
  done,
  itself,
  only,
} from './container-proxy.ts';
import { arrived, type SharedState } from './shared-object.ts';
import type { Plain } from './wire.ts';

/** How a list is sorted. */
export interface SortOptions {
  /** The property by which plain objects are sorted; left out for the values themselves. */
  key?: string;
  /** Whether the largest comes first. */
  reverse?: boolean;
}

/**
 * A list in a manager's process: `manager.list()`. It may be sent to other processes, and put into other lists and dicts of
 * the manager, and is the same list wherever it arrives.
 *
 * All its methods are waited for, and done one after the other in the manager's process, whoever asks: each is atomic. One
 * that is given up while it waits, by a kill or a timeout, may have been done. Values are copies, as if they were sent: to
 * change one, set it anew. What is shared stays so: a lock, a queue or another list in a list is that very one.
 *
 * All of them throw RuntimeError when the manager's process has ended.
 *
 * Python: the `ListProxy` of `multiprocessing.managers`.
 */
export class ListProxy<T = unknown> extends ContainerProxy {
  /** @internal */
  constructor(values: Iterable<T> = []) {
    super('list');
    this.fill('extend', [...values], itself);
  }

  /** Adds a value at the end. @throws CloneError when it cannot be sent */
  append(value: T): Waitable<void> {
    return this.ask({ verb: 'extend', values: [value], arg: itself, result: done });
  }

  /** Adds values at the end. @throws CloneError when one cannot be sent */
  extend(values: Iterable<T>): Waitable<void> {
    return this.ask({ verb: 'extend', values: [...values], arg: itself, result: done });
  }

  /** Adds a value before the one at an index, which may be below 0, to be counted from the end. */
  insert(index: number, value: T): Waitable<void> {
    const at = checkIndex(index, 'ListProxy.insert');
    return this.ask({ verb: 'insert', values: [value], arg: (parcel) => [at, parcel], result: done });
  }

  /** The value at an index; below 0 it is counted from the end. Python: `list[i]`. @throws RangeError when there is none */
  get(index: number): Waitable<T> {
    const at = checkIndex(index, 'ListProxy.get');
    return this.ask({ verb: 'get', arg: () => at, result: only<T> });
  }

  /** Sets the value at an index. Python: `list[i] = value`. @throws RangeError when there is no such place */
  set(index: number, value: T): Waitable<void> {
    const at = checkIndex(index, 'ListProxy.set');
    return this.ask({ verb: 'set', values: [value], arg: (parcel) => [at, parcel], result: done });
  }

  /** Removes the value at an index. Python: `del list[i]`. @throws RangeError when there is none */
  delete(index: number): Waitable<void> {
    const at = checkIndex(index, 'ListProxy.delete');
    return this.ask({ verb: 'delete', arg: () => at, result: done });
  }

  /**
   * Removes the value at an index, by default the last, and returns it.
   *
   * @throws RangeError when there is none
   */
  pop(index = -1): Waitable<T> {
    const at = checkIndex(index, 'ListProxy.pop');
    return this.ask({
      verb: 'pop',
      arg: () => at,
      result: only<T>,
      undo: (values, place) => this.fill('insert', values, (parcel) => [place, parcel]),
    });
  }

  /**
   * Removes the first value that is equal.
   *
   * @throws RangeError when there is none
   */
  remove(value: T): Waitable<void> {
    return this.search('remove', value, (found) => {
      if (found < 0) throw notIn(value);
    });
  }

  /**
   * Where the first value is that is equal: a number, string or the like that is the same, or an object of equal properties
   * in the same order.
   *
   * @throws RangeError when there is none: see `includes`
   */
  index(value: T): Waitable<number> {
    return this.search('index', value, (found) => {
      if (found < 0) throw notIn(value);
      return found;
    });
  }

  /** Whether there is a value that is equal. Python: `value in list`. */
  includes(value: T): Waitable<boolean> {
    return this.search('index', value, (found) => found >= 0);
  }

  /** How many values there are that are equal. */
  count(value: T): Waitable<number> {
    return this.search('count', value, (found) => found);
  }

  /** The values from an index up to, but without, another; below 0 they are counted from the end. Python: `list[i:j]`. */
  slice(start = 0, end?: number): Waitable<T[]> {
    const from = checkIndex(start, 'ListProxy.slice');
    const to = end === undefined ? null : checkIndex(end, 'ListProxy.slice');
    return this.ask({ verb: 'slice', arg: () => [from, to], result: all<T> });
  }

  /** All values, as an array of this process. */
  copy(): Waitable<T[]> {
    return this.slice();
  }

  /**
   * Adds to the number at an index, with nobody in between. Python has no such thing, and needs a lock.
   *
   * @returns what it is then
   * @throws RangeError when there is no such place; TypeError when there is no number
   */
  add<N extends T & (number | bigint)>(index: number, more: N): Waitable<N> {
    const at = checkIndex(index, 'ListProxy.add');
    const by = checkMore(more, 'ListProxy.add') as unknown as Plain;
    return this.ask({ verb: 'add', arg: () => [at, by], result: answered<N> });
  }

  /** Turns the order around. */
  reverse(): Waitable<void> {
    return this.ask({ verb: 'reverse', result: done });
  }

  /**
   * Sorts numbers, or strings, or plain objects by a property that is a number or string. Equal ones keep their order.
   *
   * @throws TypeError when the values cannot be compared
   */
  sort({ key, reverse = false }: SortOptions = {}): Waitable<void> {
    if (key !== undefined && typeof key !== 'string') {
      throw new TypeError(`Expected the name of a property as the key of ListProxy.sort, got ${show(key)}`);
    }
    return this.ask({ verb: 'sort', arg: () => [key ?? null, reverse], result: done });
  }

  /** How many values there are. Python: `len(list)`. */
  length(): Waitable<number> {
    return this.ask({ verb: 'length', result: answered<number> });
  }

  /** Removes all values. */
  clear(): Waitable<void> {
    return this.ask({ verb: 'clear', result: done });
  }

  /** The values that there are at the beginning: `for await (const value of list)`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* await this.copy();
  }

  /** @internal */
  static [revive](state: SharedState): ListProxy {
    return arrived(state, () => new this());
  }

  private search<R>(verb: string, value: T, result: (found: number) => R): Waitable<R> {
    return this.ask({ verb, values: [value], arg: itself, result: (found) => result(found as number) });
  }
}

function notIn(value: unknown): RangeError {
  return new RangeError(`Expected a value that is in the list, got ${show(value)}`);
}

register(import.meta, ListProxy);
