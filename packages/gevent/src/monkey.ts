import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { show } from '@switchyard/greenlet/scheduler';
import { patchedFetch } from './monkey/fetch.ts';
import { patchedGet, patchedRequest } from './monkey/http.ts';
import { patchedInterval, patchedPromise, patchedTimers } from './monkey/timers.ts';
import { follow, isThrown, unfollow } from './monkey/work.ts';

/** What `patchAll` replaces. */
export type PatchedModule = 'fetch' | 'timers' | 'timers/promises' | 'http' | 'https';

const MODULES: readonly string[] = ['fetch', 'timers', 'timers/promises', 'http', 'https'];

/** A property that has been replaced. */
interface Replaced {
  readonly target: object;
  readonly key: string;
  /** As it was; none when it stood in the prototype. */
  readonly before: PropertyDescriptor | undefined;
  readonly by: unknown;
}

let replaced: Replaced[] | null = null;

/**
 * Lets async code that knows nothing of greenlets be killed and timed out with the greenlet that it works for: what
 * it waits for then fails with the `GreenletExit` or the `Timeout`, and is aborted. That holds for code that a greenlet
 * calls, directly or below any number of awaits, and for whatever that code calls, such as an HTTP client.
 *
 * Replaced are: the global `fetch`; `setTimeout`, `setImmediate`, `setInterval` and `scheduler.wait` of
 * `node:timers/promises`, and with them `util.promisify(setTimeout)`; the global `setTimeout` where it is given the
 * `resolve` of a promise, as in `new Promise((resolve) => setTimeout(resolve, ms))`; `request` and `get` of `node:http` and
 * `node:https`. Outside of greenlets all of them are as before. What took a copy before keeps the original: patch early.
 *
 * Async code is told once: what it waits for fails, and so does at once whatever it begins later, be it a retry or a
 * cleanup. A cleanup that has to wait belongs in a `function*`. A promise that fails in this way while nobody waits for it
 * is no unhandled rejection.
 *
 * Nothing happens when it was called before.
 *
 * Python: `gevent.monkey.patch_all`.
 */
export function patchAll(): void {
  if (replaced !== null) return;
  replaced = [];
  const promises = timersPromises as unknown as Record<string, unknown>;
  // `wait` stands in the prototype, and calls what has not been replaced.
  const { scheduler } = timersPromises;
  const wait = scheduler.wait.bind(scheduler);
  const patched = patchedTimers(globalThis.setTimeout, globalThis.clearTimeout);
  replace(globalThis, 'fetch', patchedFetch(globalThis.fetch));
  for (const target of [globalThis, timers]) {
    replace(target, 'setTimeout', patched.setTimeout);
    replace(target, 'clearTimeout', patched.clearTimeout);
  }
  replace(promises, 'setTimeout', patchedPromise(promises['setTimeout'], 2));
  replace(promises, 'setImmediate', patchedPromise(promises['setImmediate'], 1));
  replace(promises, 'setInterval', patchedInterval(timersPromises.setInterval));
  replace(scheduler, 'wait', patchedPromise(wait, 1));
  for (const module of [http, https] as unknown as Record<'request' | 'get', never>[]) {
    const request = patchedRequest(module.request);
    replace(module, 'request', request);
    replace(module, 'get', patchedGet(request));
  }
  syncBuiltinESMExports();
  process.on('unhandledRejection', unattended);
  follow();
}

/**
 * Puts back what `patchAll` has replaced, except where somebody else has replaced it since. Nothing happens when it was
 * not called.
 */
export function unpatchAll(): void {
  if (replaced === null) return;
  for (const { target, key, before, by } of replaced) {
    if ((target as Record<string, unknown>)[key] !== by) continue;
    if (before === undefined) delete (target as Record<string, unknown>)[key];
    else Object.defineProperty(target, key, before);
  }
  replaced = null;
  syncBuiltinESMExports();
  process.off('unhandledRejection', unattended);
  unfollow();
}

/**
 * Whether something is patched now.
 *
 * @param name `fetch`, `timers`, `timers/promises`, `http` or `https`, with or without `node:`
 * @throws TypeError when it is none of these
 *
 * Python: `gevent.monkey.is_module_patched`.
 */
export function isPatched(name: PatchedModule | `node:${Exclude<PatchedModule, 'fetch'>}`): boolean {
  const bare = typeof name === 'string' ? name.replace(/^node:/, '') : name;
  if (!MODULES.includes(bare)) {
    throw new TypeError(`Expected one of ${MODULES.join(', ')} for isPatched, got ${show(name)}`);
  }
  return replaced !== null;
}

function replace(target: object, key: string, by: unknown): void {
  const before = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, {
    value: by,
    writable: true,
    enumerable: before?.enumerable ?? false,
    configurable: true,
  });
  (replaced as Replaced[]).push({ target, key, before, by });
}

// A kill must not end the program because its victim had promises that nobody waited for. With a listener here Node leaves
// the others to listeners as well, so that they are made what they would have been without it.
function unattended(reason: unknown): void {
  if (isThrown(reason) || process.listenerCount('unhandledRejection') > 1) return;
  const options = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  if (/--unhandled-rejections[= ](none|warn)/.test(options)) return;
  throw reason instanceof Error
    ? reason
    : new Error(`a promise was rejected with ${show(reason)}, and nobody waits for it`);
}
