import type { Waitable } from '@switchyard/hub';
import { register, revive } from '@switchyard/remote';
import { answered, checkMore, ContainerProxy, done } from './container-proxy.ts';
import { KeyError } from './key-error.ts';
import type { Plain } from './wire.ts';
import { arrived, type SharedState } from './shared-object.ts';

/**
 * Named values in a manager's process: `manager.Namespace({ total: 0 })`. It may be sent to other processes, and put into
 * lists and dicts of the manager, and is the same wherever it arrives.
 *
 * As an assignment cannot be waited for, there are methods instead of properties. They are atomic, and throw RuntimeError when
 * the manager's process has ended.
 *
 * Python: the `NamespaceProxy` of `multiprocessing.managers`, where `space.name` reads and `space.name = value` writes.
 */
export class NamespaceProxy<T extends object = Record<string, unknown>> extends ContainerProxy {
  /** @internal */
  constructor(values?: T) {
    super('dict');
    this.fill('update', Object.values(values ?? {}), (parcel) => [Object.keys(values ?? {}), parcel]);
  }

  /** The value of a name. Python: `space.name`. @throws KeyError when there is none. Python: AttributeError. */
  get<N extends keyof T & string>(name: N): Waitable<T[N]> {
    return this.ask({
      verb: 'get',
      arg: () => name,
      result: (answer, delivered) => {
        if (answer === null) throw new KeyError(`Expected a name that is in the Namespace, got '${name}'`);
        return delivered()[0] as T[N];
      },
    });
  }

  /** Sets the value of a name. Python: `space.name = value`. @throws CloneError when it cannot be sent */
  set<N extends keyof T & string>(name: N, value: T[N]): Waitable<void> {
    return this.ask({ verb: 'update', values: [value], arg: (parcel) => [[name], parcel], result: done });
  }

  /** Whether a name has a value. Python: `hasattr`. */
  has(name: string): Waitable<boolean> {
    return this.ask({ verb: 'has', arg: () => name, result: answered<boolean> });
  }

  /** Removes a name. Returns whether it was there. Python: `del space.name`. */
  delete(name: keyof T & string): Waitable<boolean> {
    return this.ask({ verb: 'delete', arg: () => name, result: answered<boolean> });
  }

  /** Sets several values, with nobody in between. @throws CloneError when one cannot be sent */
  update(values: Partial<T>): Waitable<void> {
    const names = Object.keys(values);
    return this.ask({
      verb: 'update',
      values: Object.values(values),
      arg: (parcel) => [names, parcel],
      result: done,
    });
  }

  /**
   * Adds to the number of a name, 0 where there is none, with nobody in between.
   *
   * @returns what it is then
   * @throws TypeError when there is something that is no number
   */
  add<M extends number | bigint>(name: keyof T & string, more: M): Waitable<M> {
    const by = checkMore(more, 'NamespaceProxy.add') as unknown as Plain;
    return this.ask({ verb: 'add', arg: () => [name, by], result: answered<M> });
  }

  /** All of it, as an object of this process. */
  copy(): Waitable<T> {
    return this.ask({
      verb: 'items',
      result: (_answer, delivered) => {
        const flat = delivered();
        const names = flat.filter((_part, at) => at % 2 === 0) as string[];
        return Object.fromEntries(names.map((name, at) => [name, flat[2 * at + 1]])) as T;
      },
    });
  }

  /** @internal */
  static [revive](state: SharedState): NamespaceProxy {
    return arrived(state, () => new this());
  }
}

register(import.meta, NamespaceProxy);
