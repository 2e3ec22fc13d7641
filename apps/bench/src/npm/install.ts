import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PEERS } from './load.ts';

/** A peer's version, or why it is not there. */
export type Presence = { readonly version: string } | { readonly absent: string };

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, PEERS), 'utf8'));

function installed(name: string): string | undefined {
  try {
    return (read(`node_modules/${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}

// `npm run -w` says in the environment which workspace it is in, and a nested npm would look for that workspace here.
const OUTER_NPM = /^npm_config_(workspace|workspaces|prefix|local_prefix)$/i;

/** Runs npm among the peers: the npm that is running now, if any, otherwise the one on the path. Returns why it failed, or ''. */
function npm(args: readonly string[]): string {
  const { npm_execpath: script, ...inherited } = process.env;
  const env = Object.fromEntries(Object.entries(inherited).filter(([key]) => !OUTER_NPM.test(key)));
  const [command, before] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  const cwd = fileURLToPath(PEERS);
  const done = spawnSync(command, [...before, ...args], { cwd, env, encoding: 'utf8', timeout: 180_000 });
  if (done.status === 0) return '';
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(done.stderr ?? '')?.[1];
  return `npm ci failed: ${code ?? done.error?.message ?? `exit ${done.status ?? done.signal}`}`;
}

/**
 * Sees to it that the peers named are in `peers/node_modules` in the version their lock file names, with one `npm ci` there when
 * they are not. Never throws for a registry that cannot be reached: those peers are absent.
 */
export function ensurePeers(names: readonly string[], log: (line: string) => void): Map<string, Presence> {
  const wanted = (read('package.json') as { dependencies: Record<string, string> }).dependencies;
  let why = 'not installed';
  if (names.some((name) => installed(name) !== wanted[name])) {
    log('installing the npm peers into apps/bench/peers ...');
    why =
      npm(['ci', '--ignore-scripts', '--fetch-retries=1', '--fetch-timeout=30000', '--loglevel=error']) ||
      why;
  }
  return new Map(
    names.map((name) => {
      const version = installed(name);
      return [name, version === undefined ? { absent: why } : { version }];
    }),
  );
}
