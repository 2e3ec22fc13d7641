import type { CellFindings, CellMessage } from './cell.ts';

function say(message: CellMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/** Says that all workers are up, and the measured part begins. */
export function sayBegan(): void {
  void say({ type: 'began' });
}

/**
 * Makes this process one of a run: it waits for its order, measures, says what it found, and ends.
 *
 * @param textOf what is said of an error
 */
export function serveRun<O>(
  measure: (order: O) => Promise<CellFindings>,
  textOf: (error: unknown) => string = stackOf,
): void {
  // The channel closes when the comparison ends in whatever way, kill -9 included.
  process.once('disconnect', () => process.exit(0));
  process.once('message', (order: O) => {
    void (async () => {
      try {
        await say({ type: 'ended', findings: await measure(order) });
        process.exit(0);
      } catch (error) {
        await say({ type: 'failed', error: textOf(error) });
        process.exit(1);
      }
    })();
  });
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
