import type { Exit } from './runtime.ts';

/** One run of a task by another thread or process, as seen from here. */
export abstract class Call {
  /** Its number on the wire; -1 until it has been sent. */
  id: number;
  readonly target: object;
  readonly args: readonly unknown[];
  /** `TELL` and `CHUNK`. */
  readonly flags: number;
  /** What it is called; undefined for the name of the task. */
  readonly label: string | undefined;

  constructor(target: object, args: readonly unknown[], flags: number, label?: string) {
    this.id = -1;
    this.target = target;
    this.args = args;
    this.flags = flags;
    this.label = label;
  }

  /**
   * What its arguments are called in the message of a CloneError, in their order; null for `args[0]`, `args[1]`. For a task
   * that only passes on what its caller was given.
   */
  argumentNames(): readonly string[] | null {
    return null;
  }

  /** It has ended: with a value, or by throwing. */
  abstract settled(failed: boolean, outcome: unknown): void;
  /** Whoever ran it has ended. `begun` is false when it can safely be given to another. */
  abstract lost(exit: Exit, begun: boolean): void;
  /** It was asked back, and had not begun: it never will. */
  takenBack(): void {}
  /** News from it. */
  event(_event: unknown): void {}
  /** It starts now; told only with `TELL`. */
  started(): void {}
}
