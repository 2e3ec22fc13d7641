import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import type { Home } from './registry.ts';

/** Set in the environment of a child process that runs tasks, until it is up: programs that it starts are others. @internal */
export const CHILD = 'SWITCHYARD_CHILD';

const key = Symbol.for('@switchyard/remote.child');
const state = globalThis as unknown as Record<symbol, boolean | undefined>;

/** Says that this process only runs tasks. @internal */
export function becomeChild(): void {
  state[key] = true;
  delete process.env[CHILD];
}

/**
 * Whether this module is the program that was started, and not one that another thread or process imports to find a task:
 * the guard around what must run once.
 *
 * ```ts
 * if (isMain(import.meta)) await main();
 * ```
 *
 * Python: `if __name__ == '__main__'`.
 */
export function isMain(home: Home): boolean {
  if (!isMainThread || state[key] === true || process.env[CHILD] !== undefined) return false;
  const entry = process.argv[1];
  const url = typeof home === 'string' || home instanceof URL ? String(home) : home.url;
  if (entry === undefined || !url.startsWith('file:')) return false;
  const path = withoutExtension(real(fileURLToPath(url.split(/[?#]/, 1)[0] as string)));
  const started = withoutExtension(real(entry));
  // `node program` finds program.js, and `node folder` its index.js.
  return path === started || path === `${started}/index`;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '');
}
