import type { Greenlet } from './greenlet.ts';

/** The body has been entered. @internal */
export const STARTED = 1;
/** The body has ended, or never will begin. @internal */
export const DEAD = 2;
/** It waits in a synchronous frame: it called `run()`, and only the return of that `run()` can resume it. @internal */
export const HOME = 4;
/** It has no body of its own: plain code (main), or an event loop. @internal */
export const NATIVE = 8;
/** `name` was given or has been made up, so that it is not the body's name any more. @internal */
export const NAMED = 16;
/** What is resumed next is a generator itself. @internal */
export const GENERATOR = 32;

/** The greenlet that is running. Schedulers read it as a live binding. @internal */
export let current: Greenlet = null as never;

/** For the switcher alone. @internal */
export function setCurrent(greenlet: Greenlet): void {
  current = greenlet;
}
