const INITIAL_SLOTS = 1 << 12;
/** Above this share of used slots a table of linear probes slows down; it is doubled there. */
const MAX_LOAD = 0.6;

/**
 * The URLs met so far, as 64-bit fingerprints in one flat table: 17 MB for a million URLs where a `Set` of strings
 * takes 122 MB. Two of a million URLs share a fingerprint once in 37 million crawls; the later one would be missed.
 */
export class SeenSet {
  /** Fingerprints, low and high half side by side; 0, 0 marks a free slot. */
  #table = new Uint32Array(INITIAL_SLOTS * 2);
  #mask = INITIAL_SLOTS - 1;
  #size = 0;
  /** Start value of the hash: differs from run to run, so that no site can aim its URLs at one slot. */
  readonly #key = (Math.random() * 0x100000000) >>> 0;

  get size(): number {
    return this.#size;
  }

  /** Remembers `url`. @returns whether it was new. */
  add(url: string): boolean {
    // Two independent 32-bit lanes over the UTF-16 units. Reading the units also makes V8 flatten the string, which
    // cuts its tie to the page it was sliced from.
    let low = this.#key ^ 0x811c9dc5;
    let high = this.#key ^ 0x9747b28c;
    for (let index = 0; index < url.length; index++) {
      const code = url.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
      high ^= high >>> 15;
    }
    low = finish(low ^ url.length);
    high = finish(high);
    if (low === 0 && high === 0) low = 1;

    const table = this.#table;
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const tableLow = table[slot * 2];
      const tableHigh = table[slot * 2 + 1];
      if (tableLow === 0 && tableHigh === 0) {
        table[slot * 2] = low;
        table[slot * 2 + 1] = high;
        this.#size++;
        if (this.#size > (this.#mask + 1) * MAX_LOAD) this.#grow();
        return true;
      }
      if (tableLow === low && tableHigh === high) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    const slots = (this.#mask + 1) * 2;
    const table = new Uint32Array(slots * 2);
    const mask = slots - 1;
    for (let index = 0; index < old.length; index += 2) {
      const low = old[index] ?? 0;
      const high = old[index + 1] ?? 0;
      if (low === 0 && high === 0) continue;
      let slot = low & mask;
      while (table[slot * 2] !== 0 || table[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
      table[slot * 2] = low;
      table[slot * 2 + 1] = high;
    }
    this.#table = table;
    this.#mask = mask;
  }
}

/** Spreads every input bit over the whole word (the end of MurmurHash3). */
function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
