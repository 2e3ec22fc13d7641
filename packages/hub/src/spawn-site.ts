/**
 * Stack lines that say nothing to a user: those of our own packages, and what a generator leaves between two frames.
 * @internal
 */
export const OURS =
  /[\\/](packages[\\/](hub|gevent|greenlet)|@switchyard[\\/]\w+)[\\/](src|dist)[\\/]|node:internal|node:async_hooks|at [\w.[\]]*(next|throw) \(<anonymous>\)/;
