/** Anything that can be driven: a generator, or an operation that is its own iterator. @internal */
export interface Frame {
  next(value?: unknown): IteratorResult<unknown, unknown>;
  throw(error: unknown): IteratorResult<unknown, unknown>;
}

/** Whether a value can be driven as a coroutine. @internal */
export function isFrame(value: unknown): value is Frame {
  return (
    value !== null &&
    typeof value === 'object' &&
    typeof (value as Frame).next === 'function' &&
    typeof (value as Frame).throw === 'function'
  );
}
