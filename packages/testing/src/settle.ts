/** Gives what was just closed, killed or resolved the event-loop turns it needs to be gone. */

const nextTurn = globalThis.setImmediate;
const startTimer = globalThis.setTimeout;

const quickTurns = 10;
const slowTurns = 30;
const slowTurnMs = 10;

/**
 * Turns the event loop until `clean` answers true, about 300 ms at most.
 * It turns twice in any case: an unhandled rejection is announced then, while its test can still be named.
 */
export async function settle(clean: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < quickTurns; turn++) {
    await new Promise<void>((resolve) => void nextTurn(resolve));
    if (turn > 0 && clean()) return true;
  }
  for (let turn = 0; turn < slowTurns; turn++) {
    await new Promise<void>((resolve) => void startTimer(resolve, slowTurnMs));
    if (clean()) return true;
  }
  return false;
}
