import type { Waitable } from '@switchyard/hub';
import { register, revive } from '@switchyard/remote';
import { show } from '@switchyard/greenlet/scheduler';
import { all, answered, checkKey, checkMore, ContainerProxy, done, only } from './container-proxy.ts';
import { KeyError } from './key-error.ts';
import { plain } from './parcel.ts';
import { arrived, type SharedState } from './shared-object.ts';
import type { Plain } from './wire.ts';

/** What a dict is filled with: a Map, pairs, or a plain object. */
export type Items<K, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<K, V>> : never);

/**
 * A dict in a manager's process: `manager.dict()`. Its keys are strings, numbers and the like, and keep the order in which
 * they came. It may be sent to other processes, and put into other lists and dicts of the manager, and is the same dict
 * wherever it arrives.
 *
 * All its methods are waited for, and done one after the other in the manager's process, whoever asks: each is atomic. One
 * that is given up while it waits, by a kill or a timeout, may have been done. Values are copies, as if they were sent: to
 * change one, set it anew. What is shared stays so: a lock, a queue or another dict in a dict is that very one.
 *
 * All of them throw TypeError for a key that is an object, and RuntimeError when the manager's process has ended.
 *
 * Python: the `DictProxy` of `multiprocessing.managers`. Differences: `get` is `dict[key]` and `dict.get(key)` in one; it is
 * iterated as pairs, as a Map is.
 */
export class DictProxy<K = string, V = unknown> extends ContainerProxy {
  /** @internal */
  constructor(items: Items<K, V> = []) {
    super('dict');
    const { keys, values } = taken(items, 'dict');
    this.fill('update', values, (parcel) => [keys, parcel]);
  }

  /** The value by a key; where there is none, what is given instead, or undefined. */
  get(key: K): Waitable<V | undefined>;
  get<D>(key: K, instead: D): Waitable<V | D>;
  get<D>(key: K, instead?: D): Waitable<V | D | undefined> {
    return this.one('get', key, () => instead);
  }

  /** Sets the value by a key. Python: `dict[key] = value`. @throws CloneError when it cannot be sent */
  set(key: K, value: V): Waitable<void> {
    const keys = [this.key(key, 'set')];
    return this.ask({ verb: 'update', values: [value], arg: (parcel) => [keys, parcel], result: done });
  }

  /** Whether there is a value by a key. Python: `key in dict`. */
  has(key: K): Waitable<boolean> {
    const name = this.key(key, 'has');
    return this.ask({ verb: 'has', arg: () => name, result: answered<boolean> });
  }

  /** Removes the value by a key. Returns whether there was one. Python: `del dict[key]`, which throws when there is none. */
  delete(key: K): Waitable<boolean> {
    const name = this.key(key, 'delete');
    return this.ask({ verb: 'delete', arg: () => name, result: answered<boolean> });
  }

  /**
   * Removes the value by a key and returns it.
   *
   * @param instead what is returned when there is none
   * @throws KeyError when there is none, and nothing was given instead
   */
  pop(key: K): Waitable<V>;
  pop<D>(key: K, instead: D): Waitable<V | D>;
  pop<D>(key: K, ...instead: [] | [D]): Waitable<V | D> {
    return this.one('pop', key, () => {
      if (instead.length === 0) throw new KeyError(`Expected a key that is in the dict, got ${show(key)}`);
      return instead[0];
    });
  }

  /** Removes the pair that came last and returns it. @throws KeyError when there is none */
  popitem(): Waitable<[K, V]> {
    return this.ask({
      verb: 'popitem',
      result: (_answer, delivered) => delivered() as [K, V],
      undo: ([key, value]) => this.putBack(plain(key as string), value),
    });
  }

  /** The value by a key; where there is none, what is given, which is set then. */
  setdefault(key: K, value: V): Waitable<V> {
    const keys = [this.key(key, 'setdefault')];
    return this.ask({
      verb: 'setdefault',
      values: [value],
      arg: (parcel) => [keys, parcel],
      result: only<V>,
    });
  }

  /** Sets several values, with nobody in between. @throws CloneError when one cannot be sent */
  update(items: Items<K, V>): Waitable<void> {
    const { keys, values } = taken(items, 'DictProxy.update');
    return this.ask({ verb: 'update', values, arg: (parcel) => [keys, parcel], result: done });
  }

  /**
   * Adds to the number by a key, 0 where there is none, with nobody in between. Python has no such thing, and needs a lock.
   *
   * @returns what it is then
   * @throws TypeError when there is something that is no number
   */
  add<N extends V & (number | bigint)>(key: K, more: N): Waitable<N> {
    const name = this.key(key, 'add');
    const by = checkMore(more, 'DictProxy.add') as unknown as Plain;
    return this.ask({ verb: 'add', arg: () => [name, by], result: answered<N> });
  }

  /** The keys, as an array of this process. */
  keys(): Waitable<K[]> {
    return this.ask({ verb: 'keys', result: all<K> });
  }

  /** The values, as an array of this process. */
  values(): Waitable<V[]> {
    return this.ask({ verb: 'values', result: all<V> });
  }

  /** The pairs of keys and values, as an array of this process. */
  items(): Waitable<[K, V][]> {
    return this.ask({ verb: 'items', result: (_answer, delivered) => pairs<K, V>(delivered()) });
  }

  /** All of it, as a Map of this process. */
  copy(): Waitable<Map<K, V>> {
    return this.ask({ verb: 'items', result: (_answer, delivered) => new Map(pairs<K, V>(delivered())) });
  }

  /** How many keys there are. Python: `len(dict)`. */
  size(): Waitable<number> {
    return this.ask({ verb: 'size', result: answered<number> });
  }

  /** Removes all of it. */
  clear(): Waitable<void> {
    return this.ask({ verb: 'clear', result: done });
  }

  /** The pairs that there are at the beginning: `for await (const [key, value] of dict)`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[K, V], void, undefined> {
    yield* await this.items();
  }

  /** @internal */
  static [revive](state: SharedState): DictProxy {
    return arrived(state, () => new this());
  }

  private one<D>(verb: 'get' | 'pop', key: K, missing: () => D): Waitable<V | D> {
    const name = this.key(key, verb);
    return this.ask({
      verb,
      arg: () => name,
      result: (answer, delivered) => (answer === null ? missing() : (delivered()[0] as V)),
      undo: verb === 'get' ? undefined : ([value]) => this.putBack(name, value),
    });
  }

  private putBack(key: Plain, value: unknown): void {
    this.fill('setdefault', [value], (parcel) => [[key], parcel]);
  }

  private key(key: K, verb: string): Plain {
    return plain(checkKey(key, `DictProxy.${verb}`));
  }
}

function taken<K, V>(items: Items<K, V>, what: string): { keys: readonly Plain[]; values: readonly V[] } {
  if (items === null || typeof items !== 'object') {
    throw new TypeError(`Expected a Map, pairs or an object for ${what}, got ${show(items)}`);
  }
  const entries = Symbol.iterator in items ? [...items] : (Object.entries(items) as [K, V][]);
  return {
    keys: entries.map(([key]) => plain(checkKey(key, what))),
    values: entries.map(([, value]) => value),
  };
}

function pairs<K, V>(flat: readonly unknown[]): [K, V][] {
  const made: [K, V][] = [];
  for (let at = 0; at < flat.length; at += 2) made.push([flat[at] as K, flat[at + 1] as V]);
  return made;
}

register(import.meta, DictProxy);
