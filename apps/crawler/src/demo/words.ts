/** A stream of numbers that depends on nothing but its seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to `sides`, which is not reached. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * sides);
  }
}

const WORDS =
  `signal siding points lamp lever turntable coupling brake gauge sleeper ballast yard hump shunt engine wagon tender
platform cutting embankment viaduct tunnel branch main line junction timetable whistle driver guard porter ticket freight express local
night morning rain steam coal water iron oil gravel bridge river valley town harbour mill quarry`.split(
    /\s+/,
  );

/** A sentence of some words about a railway yard. */
export function sentence(dice: Dice): string {
  const count = 6 + dice.roll(12);
  const words = Array.from({ length: count }, () => WORDS[dice.roll(WORDS.length)] ?? '');
  const text = words.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
