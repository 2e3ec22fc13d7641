import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Whether this Node runs TypeScript itself. */
function runsTypeScript(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** Whether a loader was asked for on the command line that also works in this version's worker threads. */
function hasLoader(): boolean {
  const words = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return /\btsx\b/.test(words) && Number(process.versions.node.split('.')[0]) >= 22;
}

/**
 * The module that has to be registered before `url` can be imported, or null for none: tsx, found from the module's own
 * project, for TypeScript where Node has none, as on Node 20 (whose worker threads also ignore `--import tsx`).
 * @internal
 */
export function loaderFor(url: string): string | null {
  if (!/\.(?:[cm]?ts|tsx)(?:[?#]|$)/.test(url) || runsTypeScript() || hasLoader()) return null;
  try {
    const manifest = createRequire(url).resolve('tsx/package.json');
    // Its file for `import`: the one that require.resolve would find is another, and broken for this.
    const exports = (JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, unknown> }).exports;
    const api = exports['./esm/api'] as { import: string | { default: string } };
    const file = typeof api.import === 'string' ? api.import : api.import.default;
    return pathToFileURL(join(dirname(manifest), file)).href;
  } catch {
    return null;
  }
}
