/**
 * Calls back when everything that was printed has reached the main thread: what a worker prints travels there in messages,
 * one at a time, and would be lost when it is ended at once, or come after its result.
 *
 * @returns true, without calling back, when nothing is on its way
 * @internal
 */
export function flushed(then: () => void): boolean {
  const { stdout, stderr } = process;
  if (stdout.writableLength === 0 && stderr.writableLength === 0) return true;
  stdout.write('', () => {
    stderr.write('', then);
  });
  return false;
}
