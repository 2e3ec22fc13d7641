import type { Waitable } from '@switchyard/hub';
import { register, revive } from '@switchyard/remote';
import { answered, checkMore, ContainerProxy, done, itself, only } from './container-proxy.ts';
import { arrived, type SharedState } from './shared-object.ts';
import type { Plain } from './wire.ts';

/**
 * One value in a manager's process, of any kind: `manager.Value('d', 0)`. Each of its methods is atomic. The `Value` of this
 * package is faster, by far, but holds numbers only, and lives no longer than the process that made it.
 *
 * Python: the `ValueProxy` of `multiprocessing.managers`.
 */
export class ValueProxy<T = unknown> extends ContainerProxy {
  /** @internal */
  constructor(...value: [] | [T]) {
    super('list');
    this.fill('extend', value, itself);
  }

  /** What it is. @throws RuntimeError when the manager's process has ended */
  get(): Waitable<T> {
    return this.ask({ verb: 'get', arg: () => 0, result: only<T> });
  }

  /** Sets it. @throws CloneError when the value cannot be sent; RuntimeError when the manager's process has ended */
  set(value: T): Waitable<void> {
    return this.ask({ verb: 'set', values: [value], arg: (parcel) => [0, parcel], result: done });
  }

  /** Adds to it, with nobody in between. Returns what it is then. @throws TypeError when it is no number */
  add<N extends T & (number | bigint)>(more: N): Waitable<N> {
    const by = checkMore(more, 'ValueProxy.add') as unknown as Plain;
    return this.ask({ verb: 'add', arg: () => [0, by], result: answered<N> });
  }

  /** @internal */
  static [revive](state: SharedState): ValueProxy {
    return arrived(state, () => new this());
  }
}

register(import.meta, ValueProxy);
