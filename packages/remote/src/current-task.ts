import { AsyncLocalStorage } from 'node:async_hooks';

/** What a task may know of its own run. */
export interface TaskContext {
  /** What it was called when it was submitted. */
  readonly name: string;
  /** Aborts when the task is to stop; made when it is first read. */
  readonly signal: AbortSignal;
  /** Whether the task is to stop; also true in a loop that never lets the event loop turn. */
  readonly cancelled: boolean;
  /** Throws the reason of the cancellation if there is one. */
  throwIfCancelled(): void;
  /** Tells whoever holds the task's future how far it is. */
  emit(event: unknown): void;
}

const nobody: TaskContext = {
  name: 'none',
  signal: new AbortController().signal,
  cancelled: false,
  throwIfCancelled() {},
  emit() {},
};

/** What this whole thread runs. */
let ofThread: TaskContext | null = null;
let ofChain: AsyncLocalStorage<TaskContext> | null = null;

/**
 * The task that runs here: its signal, its cancellation, its progress events. Outside of any task, as when a task function
 * is called directly, one that is never cancelled and whose events go nowhere.
 */
export function currentTask(): TaskContext {
  return ofChain?.getStore() ?? ofThread ?? nobody;
}

/** Runs `body`, and all that it starts, as the task of this context. @internal */
export function runAs<R>(context: TaskContext, body: () => R): R {
  ofChain ??= new AsyncLocalStorage();
  return ofChain.run(context, body);
}

/** Sets the task of the whole thread, which runs one at a time. @internal */
export function setThreadTask(context: TaskContext | null): void {
  ofThread = context;
}
