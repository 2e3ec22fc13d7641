import { show } from '@switchyard/greenlet/scheduler';
import { TaskError } from './errors.ts';
import { define, type Home } from './registry.ts';

/**
 * Makes a class known by name to other threads and processes: a `Thread` or `Process` subclass with its own `run()`, a
 * request handler, an error class, a shareable class.
 *
 * ```ts
 * class Download extends Thread { ... }
 * register(import.meta, Download);
 * ```
 *
 * @returns the class itself
 * @throws TaskError when it has no name, or its module has another one of that name
 */
export function register<C extends abstract new (...args: never[]) => unknown>(
  home: Home,
  constructor: C,
): C {
  if (typeof constructor !== 'function') {
    throw new TaskError(`Expected a class as the second argument of register, got ${show(constructor)}`);
  }
  define('register', home, constructor.name, constructor);
  return constructor;
}
