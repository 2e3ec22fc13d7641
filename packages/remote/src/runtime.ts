import type { FromWorker, ToWorker } from './protocol.ts';
import type { Transferable } from './transfer.ts';

/** How a thread or process ended. */
export interface Exit {
  /** Its exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The error that ended it, if there was one. */
  readonly error: unknown;
}

/** What a runtime tells. */
export interface RuntimeEvents {
  message(message: FromWorker): void;
  /** It has ended, all its messages have come, and nothing more will. */
  exit(exit: Exit): void;
}

/** A thread or process that runs tasks. What is the same for both is in `Peer`. */
export interface Runtime {
  /** Its thread id or process id. */
  readonly id: number;
  /** @throws a DataCloneError when the message cannot be cloned */
  post(message: ToWorker, transfers: readonly Transferable[]): void;
  /** Is about to give it a task. */
  give(id: number): void;
  /** Whether it has begun a task; null when that cannot be known. */
  begun(id: number): boolean | null;
  /** Takes a task back that it has not begun, and never will then; returns whether that was so. */
  takeBack(id: number): boolean;
  /** Asks for a task back, where `takeBack` cannot have it. A `TAKEN` message comes if it had not begun. */
  askBack(id: number): void;
  /** Tells a task that never lets its event loop turn that it is to stop. */
  flagStop(id: number): void;
  /** Ends it by force. `exit` follows. */
  kill(): void;
  /** Whether it keeps this process alive. */
  ref(): void;
  unref(): void;
}

/** What a runtime is started with. */
export interface RuntimeOptions {
  /** Shown by debuggers and process lists. */
  name?: string;
  /** The limits of a thread's heap, in MB. */
  resourceLimits?: {
    maxOldGenerationSizeMb?: number;
    maxYoungGenerationSizeMb?: number;
    stackSizeMb?: number;
  };
  env?: NodeJS.ProcessEnv;
  execArgv?: string[];
  /** Whether a process can be given connections: see `sendHandle`. */
  handles?: boolean;
}
