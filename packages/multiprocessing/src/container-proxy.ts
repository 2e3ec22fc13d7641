import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { ContainerAsk, type Operation } from './container-operation.ts';
import { pack, plain, type Simple } from './parcel.ts';
import { SharedObject } from './shared-object.ts';
import { PlainStub } from './stub.ts';
import type { Plain } from './wire.ts';

/** What stands in this process for values that a manager's process keeps. @internal */
export abstract class ContainerProxy extends SharedObject<PlainStub> {
  protected constructor(kind: 'list' | 'dict') {
    super(PlainStub, kind, () => ({}), []);
  }

  protected ask<T>(operation: Operation<T>): Waitable<T> {
    return new ContainerAsk<T>(this.stub, this.constructor.name, operation);
  }

  /** Puts values in at the very beginning, before anybody can look. */
  protected fill(verb: string, values: readonly unknown[], arg: (parcel: Plain) => Plain): void {
    if (values.length === 0) return;
    const { parcel, body } = pack(values, this.stub.link, 'value');
    this.stub.tell(verb, arg(plain(parcel)), body);
  }
}

export const itself = (parcel: Plain): Plain => parcel;
export const done = (): void => {};
export const only = <T>(_answer: Plain, delivered: () => unknown[]): T => delivered()[0] as T;
export const all = <T>(_answer: Plain, delivered: () => unknown[]): T[] => delivered() as T[];
export const answered = <T>(answer: Plain): T => answer as T;

/** @throws TypeError when it is no whole number */
export function checkIndex(index: number, verb: string): number {
  if (Number.isInteger(index)) return index;
  throw new TypeError(`Expected a whole number as the index of ${verb}, got ${show(index)}`);
}

/** @throws TypeError when it can be no key */
export function checkKey(key: unknown, verb: string): Simple {
  if ((typeof key !== 'object' || key === null) && typeof key !== 'function' && typeof key !== 'symbol') {
    return key as Simple;
  }
  throw new TypeError(`Expected a string, a number or the like as the key of ${verb}, got ${show(key)}`);
}

/** @throws TypeError when it is no number */
export function checkMore(more: unknown, verb: string): number | bigint {
  if (typeof more === 'number' || typeof more === 'bigint') return more;
  throw new TypeError(`Expected a number that ${verb} adds, got ${show(more)}`);
}
