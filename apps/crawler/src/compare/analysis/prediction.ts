import type { Cell, Comparison } from '../result.ts';
import { cellsAt, measured } from './points.ts';

/** Where a pool should begin to win. Times are milliseconds a page. */
export interface Prediction {
  /** Latency by requests in flight: a thread that needs longer than this for a page cannot keep up with its answers. */
  readonly rule: number | null;
  /**
   * The rule, less what the one thread does for a page besides the work, and not before the pool's own costs are paid; `null`
   * where the pool has no second core to use.
   */
  readonly refined: number | null;
  readonly latency: number | null;
  /** Whether the latency is the one of the answers that were seen, because nobody set it. */
  readonly latencyMeasured: boolean;
  readonly inFlight: number;
  /** Cores that the pool can use. */
  readonly cores: number;
  /** CPU milliseconds a page besides the work. */
  readonly costs: { readonly one: number; readonly pool: number };
}

/** For the one thread and the pool as they were at the least work. */
export function predict(
  comparison: Comparison,
  set: number | null,
  { work, one, pool }: { readonly work: number; readonly one: Cell; readonly pool: Cell },
): Prediction {
  const latency = set ?? seenLatency(comparison, one);
  const cores = Math.min(comparison.environment.cores, pool.setting.workers);
  const costs = {
    one: Math.max(0, one.summary.cpuPerPage.median - work),
    pool: Math.max(0, pool.summary.cpuPerPage.median - work),
  };
  const rule = latency === null ? null : latency / one.setting.inFlight;
  // The one thread is full when W + costs.one = rule. The pool is ahead from there on, unless it is full as well and its
  // (W + costs.pool) / cores is still more than W + costs.one.
  const paid = (costs.pool - cores * costs.one) / (cores - 1);
  return {
    rule,
    refined: rule === null || cores < 2 ? null : Math.max(0, rule - costs.one, paid),
    latency,
    latencyMeasured: set === null,
    inFlight: one.setting.inFlight,
    cores,
    costs,
  };
}

/** What an answer takes when nothing competes for it: serial shows it best. */
function seenLatency(comparison: Comparison, one: Cell): number | null {
  const times = cellsAt(comparison, one.point)
    .filter(measured)
    .map(({ summary }) => summary.latency.p50);
  return times.length === 0 ? null : Math.min(...times);
}
