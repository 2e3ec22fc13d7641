import { show } from '@switchyard/greenlet/scheduler';

/** What is said to whoever starts something that is no function. @internal */
export function notCallable(target: unknown): TypeError {
  const hint =
    target === undefined
      ? 'nothing'
      : `${show(target)}${isCoroutine(target) ? '; pass the function and its arguments apart, as in spawn(fn, x)' : ''}`;
  return new TypeError(`Expected a function as the body of a greenlet, got ${hint}`);
}

function isCoroutine(value: unknown): boolean {
  return value !== null && typeof value === 'object' && Symbol.iterator in value && 'throw' in value;
}
