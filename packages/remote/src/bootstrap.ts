import { BootstrapError } from './errors.ts';

const key = Symbol.for('@switchyard/remote.importing');
const state = globalThis as unknown as Record<symbol, string | null | undefined>;

/** Says that this thread or process imports a task's module now; null when it has ended. @internal */
export function importing(url: string | null): void {
  state[key] = url;
}

/**
 * To be called by whatever starts threads or processes: none may be started by a module that is only being imported to find
 * a task in it, or each of them would start more.
 *
 * @param what such as 'A ThreadPoolExecutor was made'
 * @throws BootstrapError
 * @internal
 */
export function guard(what: string): void {
  const url = state[key];
  if (url == null) return;
  throw new BootstrapError(
    `${what} while a worker was importing ${url} to find a task in it. Put the start-up code of that module behind a guard:\n` +
      '  if (isMain(import.meta)) { ... }   // import { isMain } from the same package',
  );
}
