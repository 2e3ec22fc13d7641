import { isMainThread } from 'node:worker_threads';
import { importing } from './bootstrap.ts';
import { TaskError } from './errors.ts';
import { lookup, namesIn } from './registry.ts';
import { compile, INLINE } from './task.ts';
import { loadersFor } from './typescript-loader.ts';

/** A module that has not been loaded after this many milliseconds is named on stderr. */
const SLOW = 5000;

const loadersReady = new Set<string>();

/** Whether a module has been imported and defines something. @internal */
export function loaded(url: string): boolean {
  return url === INLINE || namesIn(url).length > 0;
}

/** Imports the module of a task. @internal */
export async function load(url: string): Promise<void> {
  // Before the first attempt: Node remembers a failed import.
  for (const loader of loadersFor(url, isMainThread) ?? []) {
    if (loadersReady.has(loader)) continue;
    loadersReady.add(loader);
    ((await import(loader)) as { register(): void }).register();
  }
  await import(url);
}

/** Imports the module of a task on behalf of another thread or process: nothing may be started by it. @internal */
export async function loadForTask(url: string): Promise<void> {
  importing(url);
  const slow = setTimeout(() => {
    process.stderr.write(
      `switchyard: ${url} is still being imported after ${SLOW / 1000} s to find a task in it. Does it await something at ` +
        'its top level? Put that behind if (isMain(import.meta)) { ... }\n',
    );
  }, SLOW);
  try {
    await load(url);
  } finally {
    clearTimeout(slow);
    importing(null);
  }
}

/**
 * What a reference names, in a module that has been loaded.
 *
 * @throws TaskError when the module does not define it
 * @internal
 */
export function resolve(url: string, name: string): (...args: never[]) => unknown {
  const found = lookup(url, name);
  if (found !== undefined) return found as (...args: never[]) => unknown;
  if (url === INLINE) return inlined(name);
  const names = namesIn(url);
  throw new TaskError(
    `${url} was imported to find the task '${name}', but defines ${
      names.length === 0 ? 'no task' : `only ${names.join(', ')}`
    }: a task has to be made at the top level of its module, not inside of a function or behind isMain()`,
  );
}

function inlined(source: string): (...args: never[]) => unknown {
  const fn = compile(source);
  const explained = (error: unknown): unknown => {
    const missing = error instanceof ReferenceError ? /^(\S+) is not defined$/.exec(error.message) : null;
    if (missing === null) return error;
    return new TaskError(
      `an inline task uses '${missing[1]}' from outside of its own body: pass it as an argument, or use task(import.meta, ...)`,
      { cause: error },
    );
  };
  return function inlineTask(...args: never[]): unknown {
    try {
      const result = fn(...args);
      if (result instanceof Promise)
        return result.catch((error: unknown) => Promise.reject(explained(error)));
      if (result !== null && typeof result === 'object' && Symbol.iterator in result && 'throw' in result) {
        return explaining(result as unknown as Generator, explained);
      }
      return result;
    } catch (error) {
      throw explained(error);
    }
  };
}

function* explaining(body: Generator, explained: (error: unknown) => unknown): Generator {
  try {
    return yield* body;
  } catch (error) {
    throw explained(error);
  }
}
