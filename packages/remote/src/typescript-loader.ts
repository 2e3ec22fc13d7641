import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether this Node runs TypeScript itself. */
function runsTypeScript(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** Whether tsx was asked for on the command line, and works there: not so in the worker threads of Node 20. */
function hasLoader(mainThread: boolean): boolean {
  const words = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return /\btsx\b/.test(words) && (mainThread || Number(process.versions.node.split('.')[0]) >= 22);
}

/**
 * The modules whose `register` has to be called before `url` can be imported, or null for none: tsx, found from the module's
 * own project, for TypeScript where Node has none, as on Node 20 (whose worker threads also ignore `--import tsx`).
 *
 * @param mainThread whether it is imported in the main thread of a process
 * @internal
 */
export function loadersFor(url: string, mainThread: boolean): string[] | null {
  if (!/\.(?:[cm]?ts|tsx)(?:[?#]|$)/.test(url) || runsTypeScript() || hasLoader(mainThread)) return null;
  try {
    const manifest = createRequire(url).resolve('tsx/package.json');
    // Its files for `import`: those that require.resolve would find are others, and broken for this.
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, Conditions> };
    // Both, as a project without "type": "module" has CommonJS.
    return [exports['./esm/api'], exports['./cjs/api']].flatMap((conditions) => {
      const file = typeof conditions?.import === 'string' ? conditions.import : conditions?.import.default;
      return file === undefined ? [] : [pathToFileURL(join(dirname(manifest), file)).href];
    });
  } catch {
    return null;
  }
}

interface Conditions {
  readonly import: string | { readonly default: string };
}
