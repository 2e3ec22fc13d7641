/** What is known of a number of durations, in milliseconds. Percentiles are within 3 %; the rest is exact. */
export interface HistogramSnapshot {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

// Each doubling of a duration is divided into 16 buckets, from a microsecond up. Those of 12 days and more share the last.
const BITS = 4;
const PARTS = 1 << BITS;
const OCTAVES = 40;
const BUCKETS = (OCTAVES - BITS + 1) * PARTS;
const WIDE = 2 ** 31;
/** What brings the longest durations into the range of 32-bit numbers. */
const SHIFT = 16;

/** Counts durations in buckets that grow with them: a record costs some 10 ns, whatever their number. @internal */
export class Histogram {
  private count: number;
  private sum: number;
  private min: number;
  private max: number;
  /** Made with the first record. */
  private buckets: Uint32Array | null;

  constructor() {
    this.count = 0;
    this.sum = 0;
    this.min = Infinity;
    this.max = 0;
    this.buckets = null;
  }

  /** Adds a duration in milliseconds; one below 0 (a clock that was set) counts as 0. */
  record(ms: number): void {
    const duration = ms > 0 ? ms : 0;
    this.count++;
    this.sum += duration;
    if (duration < this.min) this.min = duration;
    if (duration > this.max) this.max = duration;
    const buckets = (this.buckets ??= new Uint32Array(BUCKETS));
    const at = bucketOf(duration * 1000);
    buckets[at] = (buckets[at] as number) + 1;
  }

  /** What has been recorded so far; all zero when nothing has. */
  snapshot(): HistogramSnapshot {
    if (this.count === 0) return { count: 0, mean: 0, min: 0, max: 0, p50: 0, p90: 0, p99: 0 };
    return {
      count: this.count,
      mean: this.sum / this.count,
      min: this.min,
      max: this.max,
      p50: this.percentile(0.5),
      p90: this.percentile(0.9),
      p99: this.percentile(0.99),
    };
  }

  private percentile(share: number): number {
    const buckets = this.buckets as Uint32Array;
    let left = Math.ceil(this.count * share);
    let at = 0;
    for (; at < BUCKETS - 1; at++) {
      left -= buckets[at] as number;
      if (left <= 0) break;
    }
    const middle = (lowerBound(at) + lowerBound(at + 1)) / 2000;
    return Math.min(Math.max(middle, this.min), this.max);
  }
}

function bucketOf(us: number): number {
  if (us < WIDE) return place(us | 0, 0);
  const wide = us / 2 ** SHIFT;
  return Math.min(BUCKETS - 1, place(wide < WIDE ? wide | 0 : WIDE - 1, SHIFT));
}

function place(us: number, octaves: number): number {
  if (us < PARTS) return us;
  const exponent = 31 - Math.clz32(us);
  return (exponent + octaves - BITS + 1) * PARTS + ((us >> (exponent - BITS)) & (PARTS - 1));
}

function lowerBound(bucket: number): number {
  if (bucket < PARTS) return bucket;
  const exponent = Math.floor(bucket / PARTS) + BITS - 1;
  return (1 + (bucket % PARTS) / PARTS) * 2 ** exponent;
}
