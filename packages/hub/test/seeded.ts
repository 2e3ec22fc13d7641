/** Random numbers from 0 up to 1 that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  // A linear congruential step with a mixed output: plenty for picking test steps.
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}
