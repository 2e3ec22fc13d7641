/** Lets the event loop turn until `arrived()`: the tasks of a round have all begun to wait. */
export async function until(arrived: () => boolean): Promise<void> {
  while (!arrived()) await new Promise((resolve) => setImmediate(resolve));
}
