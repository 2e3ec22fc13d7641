import type { Operation, Work } from './work.ts';

/** A promise of an operation that takes an `AbortSignal`: an interrupt rejects it and aborts the signal. @internal */
export class Interruptible implements Operation {
  readonly controller: AbortController;
  private readonly work: Work;
  private reject: ((error: unknown) => void) | null;

  constructor(work: Work) {
    this.controller = new AbortController();
    this.work = work;
    this.reject = null;
  }

  /**
   * @param signal what the caller has given himself
   * @param settled told of the value, while an interrupt still aborts the signal; without it nothing does from then on
   */
  run<T>(
    signal: AbortSignal | null | undefined,
    start: (signal: AbortSignal) => Promise<T>,
    settled?: (value: T) => void,
  ): Promise<T> {
    const { interruption, pending } = this.work;
    if (interruption !== null) return Promise.reject(interruption.error as Error);
    return new Promise<T>((resolve, reject) => {
      this.reject = reject;
      pending.add(this);
      const own = this.controller.signal;
      start(signal == null ? own : AbortSignal.any([signal, own])).then(
        (value) => {
          this.reject = null;
          if (settled === undefined) this.done();
          else settled(value);
          resolve(value);
        },
        (error: unknown) => {
          this.done();
          reject(error);
        },
      );
    });
  }

  /** Nothing is under way any more. */
  done(): void {
    this.reject = null;
    this.work.pending.delete(this);
  }

  interrupt(error: unknown): void {
    this.reject?.(error);
    this.reject = null;
    this.controller.abort(error);
  }
}

/** Whether what was given as a signal is one, or nothing: what is neither is left to the original to complain of. @internal */
export function isSignal(value: unknown): value is AbortSignal | null | undefined {
  return value === undefined || value === null || value instanceof AbortSignal;
}
