import type { Coroutine, Waitable } from '@switchyard/hub';

/** What a method that may be overridden returns: a subclass may write it as a plain, an async or a generator function. */
export type Hook<T> = T | PromiseLike<T> | Waitable<T> | Coroutine<T>;
