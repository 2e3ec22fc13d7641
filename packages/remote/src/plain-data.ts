/** So many values are looked at: what is larger is faster by structured clone, or too much to look at twice. */
const MOST = 64;

let left = 0;
const seen: object[] = [];

/**
 * Whether JSON keeps everything of a value: a small tree of plain objects, arrays, strings, booleans, null and numbers,
 * none of them NaN, infinite or minus zero, nothing in it twice. @internal
 */
export function isPlainData(value: object): boolean {
  // Asked by a getter of a value that is being looked at: let structured clone have it.
  if (seen.length > 0) return false;
  left = MOST;
  try {
    return isTree(value);
  } finally {
    // Cheaper than setting the length, which lets go of the array's memory.
    while (seen.length > 0) seen.pop();
  }
}

function isTree(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isList = prototype === Array.prototype && Array.isArray(value);
  if (!isList && prototype !== Object.prototype) return false;
  if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
  for (let at = 0; at < seen.length; at++) if (seen[at] === value) return false;
  seen.push(value);
  if (isList) {
    const { length } = value;
    if (length > left) return false;
    for (let at = 0; at < length; at++) if (!isKept(value[at])) return false;
    // Of an array JSON keeps the elements only.
    return Object.keys(value).length === length;
  }
  for (const key in value) if (!isKept((value as Record<string, unknown>)[key])) return false;
  return true;
}

function isKept(value: unknown): boolean {
  if (--left < 0) return false;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return value === 0 ? 1 / value > 0 : value - value === 0;
    case 'object':
      return value === null || isTree(value);
    default:
      return false;
  }
}
