import { show } from '@switchyard/greenlet/scheduler';
import { BootstrapError } from '@switchyard/remote';
import type { Thread } from './thread.ts';

/** What is told of an error that ended a thread. Python: `threading.ExceptHookArgs`. */
export interface ExceptHookArgs {
  /** The error. Python: `exc_value`. */
  readonly error: unknown;
  readonly thread: Thread;
}

/** Is told of the errors that end threads. */
export type ExceptHook = (args: ExceptHookArgs) => void;

let current: ExceptHook = print;

/**
 * Tells of an error that ended a thread: calls the hook that was set, by default one that prints `Exception in thread NAME:`
 * and the stack on stderr. An error is told here unless somebody waits for the thread itself (`await thread`), which throws
 * it. Python: `threading.excepthook`.
 */
export function excepthook(args: ExceptHookArgs): void {
  try {
    current(args);
  } catch (error) {
    process.stderr.write(`The hook for errors in threads has failed itself:\n${render(error)}\n`);
    if (current !== print) print(args);
  }
}

/**
 * Sets what `excepthook` calls; null for the default, which prints.
 *
 * @returns the one that was set before
 * @throws TypeError when it is neither a function nor null
 */
export function setExcepthook(hook: ExceptHook | null): ExceptHook {
  if (hook !== null && typeof hook !== 'function') {
    throw new TypeError(`Expected a function, or null for the default, for setExcepthook, got ${show(hook)}`);
  }
  const before = current;
  current = hook ?? print;
  return before;
}

function print({ error, thread }: ExceptHookArgs): void {
  process.stderr.write(`Exception in thread ${thread.name}:\n${render(error)}\n`);
  // The program itself is put together wrongly, and has done nothing that it was meant to.
  if (error instanceof BootstrapError) process.exitCode = 1;
}

function render(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  let text = error.stack ?? String(error);
  for (let { cause } = error, depth = 0; cause instanceof Error && depth < 8; { cause } = cause, depth++) {
    text += `\ncaused by: ${cause.stack ?? String(cause)}`;
  }
  return text;
}
