const value = process.env['SOAK'] ?? '1';
/** How many times longer random tests go on than usual: the environment variable SOAK, 1 unless told. @internal */
export const soakFactor = Number(value);
if (!Number.isInteger(soakFactor) || soakFactor < 1) {
  throw new RangeError(`Expected a whole number from 1 up as SOAK, got ${value}: write SOAK=20`);
}

/**
 * How many rounds a random test goes: as many as told, times the environment variable SOAK. Deadlines grow with it.
 *
 * @param rounds enough to find what is often wrong, in a few seconds
 */
export function soak(rounds: number): number {
  return rounds * soakFactor;
}
