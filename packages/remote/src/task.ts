import { show } from '@switchyard/greenlet/scheduler';
import { TaskError } from './errors.ts';
import { define, type Home, nameInline, type Reference, referenceOf } from './registry.ts';

/**
 * Makes a function known by name to other threads and processes. It stays the callable that it is; a reference (module
 * and name) is what travels.
 *
 * ```ts
 * export const parse = task(import.meta, 'parse', (html: string) => html.length);
 * ```
 *
 * It belongs at the top level of its module: over there the module is imported and the name looked up.
 *
 * @param home `import.meta`
 * @param name the name of the export
 * @param fn a plain, async or generator function
 * @returns `fn` itself
 * @throws TaskError when the module has another task of that name, or is none that can be imported elsewhere
 */
export function task<F extends (...args: never[]) => unknown>(home: Home, name: string, fn: F): F {
  if (typeof fn !== 'function') {
    throw new TaskError(`Expected a function as the third argument of task, got ${show(fn)}`);
  }
  define('task', home, name, fn);
  return fn;
}

/** The module of the functions that travel as their source. @internal */
export const INLINE = 'switchyard:inline';

/**
 * Makes a function travel as its source text: for a few lines that use nothing but their own arguments.
 *
 * ```ts
 * pool.submit(inline((x: number) => x * 2), 21);
 * ```
 *
 * @returns `fn` itself. Over there it throws a TaskError when it uses a name from outside of its own body
 * @throws TypeError when it is no function; TaskError when it is a native, a bound or a class method, which have no source
 */
export function inline<F extends (...args: never[]) => unknown>(fn: F): F {
  if (typeof fn !== 'function') throw new TypeError(`Expected a function for inline, got ${show(fn)}`);
  if (referenceOf(fn) !== undefined) return fn;
  const source = Function.prototype.toString.call(fn);
  try {
    compile(source);
  } catch {
    throw new TaskError(
      `${show(fn)} cannot be sent as its source text: write inline((x) => ...) or inline(function* (x) { ... })`,
    );
  }
  nameInline(fn, { url: INLINE, name: source });
  return fn;
}

/** Makes a function of its source. @internal */
export function compile(source: string): (...args: unknown[]) => unknown {
  // Loaders of TypeScript wrap inner functions in a call that keeps their names.
  // eslint-disable-next-line typescript/no-implied-eval -- to run a source is what it is for
  const make = new Function('__name', `"use strict"; return (${source});`) as (
    name: (fn: unknown) => unknown,
  ) => unknown;
  const made = make((fn) => fn);
  if (typeof made !== 'function') throw new SyntaxError('no function');
  return made as (...args: unknown[]) => unknown;
}

/**
 * The reference of what is to run elsewhere.
 *
 * @param verb what was asked to run it, for the message
 * @throws TypeError when it is no function; TaskError when it has no reference, with the line to write
 * @internal
 */
export function requireReference(verb: string, target: unknown): Reference {
  if (typeof target !== 'function') {
    const hint =
      target !== null && typeof target === 'object' && Symbol.iterator in target
        ? '; pass the function and its arguments apart'
        : '';
    throw new TypeError(`Expected a task as the target of ${verb}, got ${show(target)}${hint}`);
  }
  const reference = referenceOf(target);
  if (reference === undefined) {
    const name = target.name || 'work';
    throw new TaskError(
      `${verb} needs a function that another thread or process can find by name, got ${show(target)}. Write at the top ` +
        `level of its module:\n  export const ${name} = task(import.meta, '${name}', ${sample(target)});\n` +
        'or, if it uses nothing but its arguments, inline(...)',
    );
  }
  return reference;
}

function sample(target: object): string {
  const source = Function.prototype.toString.call(target);
  if (source.startsWith('async')) return 'async (...) => { ... }';
  return /^function\s*\*/.test(source) ? 'function* (...) { ... }' : '(...) => { ... }';
}
