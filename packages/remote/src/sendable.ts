import { clonePath, findPath, type Root } from './clone-path.ts';
import { type Dehydrated, dehydrate } from './dehydrate.ts';
import { CloneError } from './errors.ts';
import { memoryPath } from './memory-path.ts';
import { HYDRATE } from './protocol.ts';
import { MemoryRefusal, Refusal, serialize } from './structured.ts';
import { notSent, type Transferable } from './transfer.ts';

/** What Node says of a port that is not in the list of what moves. */
const UNMARKED = 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST';

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
  if (error instanceof Refusal || error instanceof MemoryRefusal) return true;
  if (!(error instanceof Error)) return false;
  return error.name === 'DataCloneError' || (error as NodeJS.ErrnoException).code === UNMARKED;
}

/**
 * Sends a value that may hold shareable objects, tasks, and what is marked to move.
 *
 * @param code of the CloneError
 * @param root what the value is called in its message
 * @throws CloneError with the path to what cannot be cloned
 * @internal
 */
export function sendDehydrated(value: unknown, post: Post, code: string, root: Root): void {
  const ready = dehydrate(value);
  try {
    post(ready.value, ready.found ? HYDRATE : 0, ready.modules, ready.transfers);
  } catch (error) {
    for (const [marked, moves] of ready.marked) notSent(marked, moves);
    if (!isCloneProblem(error)) throw error;
    throw new CloneError(refusal(error, ready, root), code, { cause: error });
  }
}

function refusal(error: unknown, { value, transfers }: Dehydrated, root: Root): string {
  if (error instanceof MemoryRefusal) {
    return (
      `${memoryPath(value, root) ?? 'shared memory'} cannot be sent to another process, as only threads share memory: send ` +
      'a copy, or use what @switchyard/multiprocessing has for processes'
    );
  }
  if (error instanceof Refusal) {
    return `${clonePath(value, root, (part) => serialize(part, []))} cannot be sent to another process`;
  }
  // What moves cannot be cloned, and need not be.
  const clone = (part: unknown): unknown =>
    transfers.includes(part as Transferable) ? null : structuredClone(part);
  const path = findPath(value, root, clone) ?? clonePath(value, root);
  const hint = /(?:MessagePort|Stream)$/.test(path) ? ': mark it with transfer(), and it moves' : '';
  return `${path} cannot be sent to another thread or process${hint}`;
}
