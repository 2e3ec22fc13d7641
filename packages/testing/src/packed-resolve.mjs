/**
 * Loaded with `--import`: whatever resolves into the sources or the build of a packed package resolves into the
 * installed tarball instead, so that the ordinary test files test what users get. The folder of the installation is
 * in SWITCHYARD_PACKED. Plain JavaScript, because on older Node versions it is loaded in the thread of the hooks.
 */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const installed = process.env.SWITCHYARD_PACKED ?? '';
const root = new URL('../../../', import.meta.url).href;
const scope = '@switchyard/';
const tools = ['testing', 'conformance'];

/** @param {string} url */
function packedUrl(url) {
  const [path = ''] = url.split('?');
  const found = /^(?:packages|apps)\/([^/]+)\/(?:src|dist)\/(.+)\.[jt]s$/.exec(
    path.startsWith(root) ? path.slice(root.length) : '',
  );
  if (found === null) return null;
  const [, name = '', file = ''] = found;
  // What only tests use is not packed.
  if (tools.includes(name)) return new URL(`packages/${name}/src/${file}.ts`, root).href;
  const home = join(installed, 'node_modules', scope + name);
  if (!existsSync(home)) return null;
  return pathToFileURL(join(home, 'dist', `${file}.js`)).href;
}

/**
 * A package's name is looked up from the installation: the working tree may have no build, or a stale one.
 * @param {string} specifier
 */
function packedPackage(specifier, context) {
  if (!specifier.startsWith(scope)) return [specifier, context];
  const name = specifier.split('/')[1] ?? '';
  if (tools.includes(name)) return [new URL(`packages/${name}/src/index.ts`, root).href, context];
  if (!existsSync(join(installed, 'node_modules', scope + name))) return [specifier, context];
  return [specifier, { ...context, parentURL: pathToFileURL(join(installed, 'package.json')).href }];
}

/** @param {{ url: string, format?: string }} result */
function packedResult(result) {
  const url = packedUrl(result.url);
  return url === null ? result : { ...result, url, format: url.endsWith('.js') ? 'module' : result.format };
}

export function resolveSync(specifier, context, nextResolve) {
  return packedResult(nextResolve(...packedPackage(specifier, context)));
}

export async function resolve(specifier, context, nextResolve) {
  return packedResult(await nextResolve(...packedPackage(specifier, context)));
}

// This module is loaded twice: by --import, which registers the hooks, and where registered hooks run.
if (installed !== '' && (isMainThread || !import.meta.url.includes('?hooks'))) {
  if (nodeModule.registerHooks !== undefined) nodeModule.registerHooks({ resolve: resolveSync });
  else nodeModule.register(`${import.meta.url}?hooks`);
}
