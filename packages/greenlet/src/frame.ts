/** Anything that can be driven: a generator, or an operation that is its own iterator. @internal */
export interface Frame {
  next(value?: unknown): IteratorResult<unknown, unknown>;
  throw(error: unknown): IteratorResult<unknown, unknown>;
}

// Each generator function has a prototype of its own, and so its generators a hidden class of their own: looking `next` up
// on one that was never seen before misses every cache (0.2 us). These two need no look-up.
const prototype = Object.getPrototypeOf(
  Object.getPrototypeOf((function* (): Generator<unknown> {})()) as object,
) as Frame;

/** %GeneratorPrototype%.next and throw, to be called with a generator as `this`. @internal */
export const { next: resumeGenerator, throw: throwIntoGenerator } = prototype;

function AnyGenerator(): void {}
AnyGenerator.prototype = prototype;

/** Whether a value is a generator of this realm, told without a look-up. @internal */
export function isGenerator(value: unknown): boolean {
  return value instanceof AnyGenerator;
}

/** Whether a value can be driven as a coroutine. @internal */
export function isFrame(value: unknown): value is Frame {
  if (value instanceof AnyGenerator) return true;
  return (
    value !== null &&
    typeof value === 'object' &&
    typeof (value as Frame).next === 'function' &&
    typeof (value as Frame).throw === 'function'
  );
}
