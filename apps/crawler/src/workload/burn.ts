/** Rounds between two looks at the clock while they are counted: about a tenth of a millisecond. */
const CHUNK = 50_000;
const CHUNKS = 200;

let sink = 1;

/**
 * Computes for so many rounds. The number of rounds is what makes it equal everywhere: a thread that shares its core with others takes
 * longer for them, and has done no less work.
 */
export function burn(rounds: number): void {
  let value = sink;
  for (let round = 0; round < rounds; round++) {
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
  }
  sink = value; // kept, or an optimizer could leave all of it out
}

/** How many rounds take a millisecond of CPU time on this machine. Takes some tens of milliseconds. */
export function countRounds(): number {
  for (let chunk = 0; chunk < CHUNKS / 4; chunk++) burn(CHUNK);
  let least = Infinity;
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const start = performance.now();
    burn(CHUNK);
    // Of many short stretches the fastest was not interrupted: wall time is then CPU time.
    least = Math.min(least, performance.now() - start);
  }
  return CHUNK / least;
}
