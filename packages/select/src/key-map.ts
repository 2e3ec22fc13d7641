import type { FileObject } from './files.ts';
import type { Registration } from './interest.ts';
import type { Selected, SelectorKey } from './selectors.ts';

type Registrations<D, F extends FileObject> = ReadonlyMap<
  number,
  Registration<SelectorKey<D, F>, Selected<D, F>>
>;

/** The keys of a selector by number, as they are whenever it is asked: a look at what is registered, and no copy. @internal */
export class KeyMap<D, F extends FileObject> implements ReadonlyMap<number, SelectorKey<D, F>> {
  private readonly registrations: Registrations<D, F>;

  constructor(registrations: Registrations<D, F>) {
    this.registrations = registrations;
  }

  get size(): number {
    return this.registrations.size;
  }

  get(number: number): SelectorKey<D, F> | undefined {
    return this.registrations.get(number)?.subject;
  }

  has(number: number): boolean {
    return this.registrations.has(number);
  }

  forEach(
    visit: (key: SelectorKey<D, F>, number: number, map: ReadonlyMap<number, SelectorKey<D, F>>) => void,
    thisArg?: unknown,
  ): void {
    for (const [number, key] of this) visit.call(thisArg, key, number, this);
  }

  keys(): MapIterator<number> {
    return this.registrations.keys();
  }

  *values(): MapIterator<SelectorKey<D, F>> {
    for (const { subject } of this.registrations.values()) yield subject;
  }

  *entries(): MapIterator<[number, SelectorKey<D, F>]> {
    for (const [number, { subject }] of this.registrations) yield [number, subject];
  }

  [Symbol.iterator](): MapIterator<[number, SelectorKey<D, F>]> {
    return this.entries();
  }
}
