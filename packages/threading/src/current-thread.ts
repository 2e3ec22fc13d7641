import { isMainThread } from 'node:worker_threads';
import { currentThread, embody, Thread } from './thread.ts';
import { alive } from './thread-state.ts';
import { currentRole } from './thread-role.ts';

let main: Thread | null = null;

/**
 * The main thread. In a worker, one that stands for it: it has its name and ident. Python: `threading.main_thread`.
 */
export function mainThread(): Thread {
  if (isMainThread) return currentThread();
  return (main ??= embody(Thread.prototype as Thread, {
    agent: currentRole().main,
    name: 'MainThread',
    daemon: false,
  }));
}

/**
 * The threads that are alive, as far as this one knows them: the main thread, itself, and those that it has started.
 * Python: `threading.enumerate`, which knows all.
 */
export function enumerate(): Thread[] {
  return [...new Set([mainThread(), currentThread(), ...alive])];
}

/** How many `enumerate()` gives. Python: `threading.active_count`. */
export function activeCount(): number {
  return enumerate().length;
}
