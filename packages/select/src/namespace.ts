import { DefaultSelector, EVENT_READ, EVENT_WRITE } from './selectors.ts';

/** The names of Python's module `selectors`, for code that says `selectors.DefaultSelector`. */
export const selectors = { DefaultSelector, EVENT_READ, EVENT_WRITE } as const;
