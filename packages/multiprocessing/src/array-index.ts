/** What has items by number. */
interface Indexed {
  at(index: number): unknown;
  set(index: number, item: unknown): void;
}

const handler: ProxyHandler<object> = {
  get(target, key, receiver: Indexed) {
    return isIndex(key) ? receiver.at(Number(key)) : Reflect.get(target, key, receiver);
  },
  set(target, key, value, receiver: Indexed) {
    if (!isIndex(key)) return Reflect.set(target, key, value, receiver);
    receiver.set(Number(key), value);
    return true;
  },
};

/**
 * Gives the objects of a class `object[index]`, in terms of its `at` and `set`.
 *
 * What traps the keys stands behind the prototype of the class, where only those come that neither the object nor its class
 * has: its fields and methods cost what they always do. A proxy around each object makes every call 80 ns dearer.
 */
export function addIndexes(constructor: abstract new (...args: never[]) => Indexed): void {
  const prototype = constructor.prototype as object;
  const behind = Object.create(Object.getPrototypeOf(prototype) as object) as object;
  Object.setPrototypeOf(prototype, new Proxy(behind, handler));
}

/** Whether a key is a number, whichever: one that cannot be an index is to be refused. */
function isIndex(key: string | symbol): boolean {
  if (typeof key !== 'string') return false;
  const first = key.charCodeAt(0);
  // A digit or a minus. No name of a method begins with them.
  return ((first >= 48 && first <= 57) || first === 45) && !Number.isNaN(Number(key));
}
