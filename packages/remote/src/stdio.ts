/**
 * Calls back when everything that was printed is out. What a thread prints travels to the main thread in messages, one at a
 * time; what a process prints waits here while the pipe is full. It would be lost when the worker is ended at once, or come
 * after its result.
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
