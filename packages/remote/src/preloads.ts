import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The modules of `--import`, which a worker thread has to import itself: Node does not for one whose program is a string.
 * Those of tsx are left out: see `loadersFor`.
 *
 * @internal
 */
export function preloads(execArgv: readonly string[] = process.execArgv): string[] {
  const words = [...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/), ...execArgv];
  const modules: string[] = [];
  for (const [at, word] of words.entries()) {
    const specifier = word === '--import' ? words[at + 1] : /^--import=(.+)/.exec(word)?.[1];
    if (specifier === undefined || /\btsx\b/.test(specifier)) continue;
    const url = urlOf(specifier);
    if (url !== null) modules.push(url);
  }
  return modules;
}

function urlOf(specifier: string): string | null {
  if (/^[a-z][a-z+.-]+:/i.test(specifier)) return specifier;
  if (/^(?:\.{0,2}[\\/]|[a-z]:)/i.test(specifier)) return pathToFileURL(resolve(specifier)).href;
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'main.js')).resolve(specifier)).href;
  } catch {
    return null;
  }
}
