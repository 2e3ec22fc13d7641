/** A limit for one step of a test: its body or one hook. */

// Taken now: a test may patch the globals, and the runner's clock must stay real.
const startTimer = globalThis.setTimeout;
const stopTimer = globalThis.clearTimeout;

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** The step that is running, so that an error thrown outside of its own flow can end it. */
let interruptStep: ((error: unknown) => void) | null = null;

/**
 * Runs `start` and waits for what it returns, at most `ms` milliseconds.
 *
 * The timer does not keep the process alive: an event loop that runs empty must be seen to be empty, by the hub
 * (which then throws `LoopExit` at whoever waits) and by the runner.
 */
export function withDeadline(ms: number, start: () => unknown): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = startTimer(
      () => settle(() => reject(new DeadlineError(`did not end within ${ms} ms`))),
      ms,
    );
    timer.unref();
    function settle(done: () => void): void {
      stopTimer(timer);
      interruptStep = null;
      done();
    }
    interruptStep = (error) => settle(() => reject(error));
    try {
      Promise.resolve(start()).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    } catch (error) {
      settle(() => reject(error));
    }
  });
}

/** Ends the running step with `error`; false when none is running. */
export function interrupt(error: unknown): boolean {
  if (interruptStep === null) return false;
  interruptStep(error);
  return true;
}
