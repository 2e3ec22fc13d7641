/** Buckets per doubling: neighbours differ by 4.4 %. */
const PER_DOUBLING = 16;
const BUCKETS = PER_DOUBLING * 30;

/** Percentiles of times without keeping the times: logarithmic buckets, right to within 5 %, constant memory. */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** The largest value, exact. */
  get max(): number {
    return this.#max;
  }

  /** Counts `milliseconds`. */
  add(milliseconds: number): void {
    // In hundredths of a millisecond: the first bucket is 10 us, the last about three hours.
    const index = Math.floor(Math.log2(Math.max(1, milliseconds * 100)) * PER_DOUBLING);
    const bucket = Math.min(BUCKETS - 1, index);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    if (milliseconds > this.#max) this.#max = milliseconds;
  }

  /** The value below which the given share (0 to 1) of all values lies, in milliseconds; 0 when there are none. */
  quantile(share: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * this.#count));
    if (rank >= this.#count) return this.#max;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket] ?? 0;
      if (below >= rank) return Math.min(this.#max, 2 ** ((bucket + 0.5) / PER_DOUBLING) / 100);
    }
    return this.#max;
  }
}
