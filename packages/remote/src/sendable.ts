import { clonePath } from './clone-path.ts';
import { dehydrate } from './dehydrate.ts';
import { CloneError } from './errors.ts';
import { HYDRATE } from './protocol.ts';
import type { Transferable } from './transfer.ts';

/** Nothing moves. */
export const COPIED: readonly Transferable[] = [];

/** Sends a value that is ready to be cloned. */
type Post = (
  value: unknown,
  flags: number,
  modules: readonly string[] | null,
  transfers: readonly Transferable[],
) => void;

/** Whether posting failed because something cannot be cloned. @internal */
export function isCloneProblem(error: unknown): boolean {
  return error instanceof Error && (error.name === 'DataCloneError' || error.name === 'DataTransferError');
}

/**
 * Sends a value that may hold shareable objects, tasks, and what is marked to move.
 *
 * @param code of the CloneError
 * @param root how the value is called in its message
 * @throws CloneError with the path to what cannot be cloned
 * @internal
 */
export function sendDehydrated(value: unknown, post: Post, code: string, root: string): void {
  const ready = dehydrate(value);
  try {
    post(ready.value, ready.found ? HYDRATE : 0, ready.modules, ready.transfers);
  } catch (error) {
    if (!isCloneProblem(error)) throw error;
    const path = clonePath(ready.value, root);
    throw new CloneError(`${path} cannot be sent to another thread or process`, code, { cause: error });
  }
}
