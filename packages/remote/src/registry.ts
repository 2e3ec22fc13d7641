import { fileURLToPath, pathToFileURL } from 'node:url';
import { show } from '@switchyard/greenlet/scheduler';
import { TaskError } from './errors.ts';

/** What names a function or class everywhere: the module that defines it, and its name there. */
export interface Reference {
  /** The URL of the module. */
  readonly url: string;
  readonly name: string;
}

/** A module: `import.meta`, or its URL. */
export type Home = { readonly url: string } | URL | string;

type Callable = (...args: never[]) => unknown;
type Constructor = abstract new (...args: never[]) => unknown;

interface Registry {
  /** Module URL, then name, to what it defines there. */
  readonly modules: Map<string, Map<string, Callable | Constructor>>;
  readonly references: WeakMap<object, Reference>;
}

// One for a thread, also when this package is installed twice or loaded both bundled and not.
const key = Symbol.for('@switchyard/remote.registry');
const shared = globalThis as unknown as Record<symbol, Registry | undefined>;
const registry: Registry = (shared[key] ??= { modules: new Map(), references: new WeakMap() });

/** Names `target`, which `verb` was given. @internal */
export function define(verb: string, home: Home, name: string, target: Callable | Constructor): void {
  const url = urlOf(verb, home);
  if (typeof name !== 'string' || name === '') {
    throw new TaskError(
      `Expected the name of the export as the second argument of ${verb}, got ${show(name)}`,
    );
  }
  const known = registry.references.get(target);
  if (known !== undefined && (known.url !== url || known.name !== name)) {
    throw new TaskError(
      `${verb}(import.meta, '${name}', ...) was given a function that is known as '${known.name}' of ${known.url}: ` +
        'give each name a function of its own',
    );
  }
  let names = registry.modules.get(url);
  if (names === undefined) registry.modules.set(url, (names = new Map()));
  const before = names.get(name);
  if (before !== undefined && before !== target) {
    throw new TaskError(
      `${url} defines two tasks of the name '${name}': a task defined inside of a function is made anew at each call ` +
        '(define it once, at the top level of its module), and a bundler may have merged two modules into one',
    );
  }
  // So that stacks and messages have its name.
  if (target.name === '') Object.defineProperty(target, 'name', { value: name, configurable: true });
  names.set(name, target);
  registry.references.set(target, { url, name });
}

/** Names a function that travels as its source: there may be many of the same. @internal */
export function nameInline(fn: Callable, reference: Reference): void {
  registry.references.set(fn, reference);
}

/** The reference of a function or class, or undefined when it has none. @internal */
export function referenceOf(target: object): Reference | undefined {
  return registry.references.get(target);
}

/** What a reference names, or undefined when its module is not loaded here. @internal */
export function lookup(url: string, name: string): Callable | Constructor | undefined {
  return registry.modules.get(url)?.get(name);
}

/** The names that a module has defined. @internal */
export function namesIn(url: string): string[] {
  return [...(registry.modules.get(url)?.keys() ?? [])];
}

function urlOf(verb: string, home: Home): string {
  const url: unknown = typeof home === 'string' || home instanceof URL ? String(home) : home?.url;
  if (typeof url !== 'string' || url === '') {
    throw new TaskError(`Expected import.meta as the first argument of ${verb}, got ${show(home)}`);
  }
  // A module of `node -e` or of a REPL is nowhere: nobody else can import it.
  if (/^file:.*\/\[eval\d*\]|^\[eval|^node:|^REPL|^data:/.test(url)) {
    throw new TaskError(
      `${verb} needs a module in a file, which another thread or process can import; ${url} is none`,
    );
  }
  if (!url.startsWith('file:')) return /^[a-z][a-z+.-]+:/i.test(url) ? url : pathToFileURL(url).href;
  // The same file may be spelled in several ways.
  const [path, query] = url.split(/(?=[?#])/, 2) as [string, string?];
  return pathToFileURL(fileURLToPath(path)).href + (query ?? '');
}
