import type { PageOutcome, PageRecord } from './record.ts';

/** Why a URL was met and not crawled. */
export type SkipReason = 'scope' | 'filter' | 'depth' | 'trap' | 'robots' | 'bad_type' | 'private';

/** Outcomes that are a decision of ours and not a failure of the page. */
const SKIPPED = new Map<PageOutcome, SkipReason>([
  ['blocked_robots', 'robots'],
  ['trap', 'trap'],
  ['bad_type', 'bad_type'],
  ['blocked_ssrf', 'private'],
]);

/** Where every discovered URL is: `discovered = ok + redirects + failed + skipped + pending`, at any moment. */
export interface Totals {
  readonly discovered: number;
  readonly ok: number;
  readonly redirects: number;
  /** All that ended badly: 4xx, 5xx, other statuses and network failures. */
  readonly failed: number;
  readonly skipped: number;
  readonly pending: number;
}

/** Counts of how pages end. */
export class Tally {
  discovered = 0;
  ok = 0;
  redirects = 0;
  clientErrors = 0;
  serverErrors = 0;
  /** Statuses that are neither an answer nor an error, such as 304. */
  otherStatuses = 0;
  /** Failures without a status, by outcome. */
  readonly failures = new Map<PageOutcome, number>();
  readonly skips = new Map<SkipReason, number>();

  ended({ outcome, status }: PageRecord): void {
    const reason = SKIPPED.get(outcome);
    if (reason !== undefined) this.skip(reason);
    else if (outcome === 'ok') this.ok++;
    else if (outcome === 'redirect') this.redirects++;
    else if (outcome !== 'http_error' || status === null) bump(this.failures, outcome, 1);
    else if (status >= 500) this.serverErrors++;
    else if (status >= 400) this.clientErrors++;
    else this.otherStatuses++;
  }

  skip(reason: SkipReason, by = 1): void {
    bump(this.skips, reason, by);
  }

  /** @param pending pages that wait or are in flight, counted where they are: the sum is then a check, not a definition */
  totals(pending: number): Totals {
    const failures = sum(this.failures);
    return {
      discovered: this.discovered,
      ok: this.ok,
      redirects: this.redirects,
      failed: this.clientErrors + this.serverErrors + this.otherStatuses + failures,
      skipped: sum(this.skips),
      pending,
    };
  }
}

/** Whether no page was lost or counted twice. */
export function addsUp(totals: Totals): boolean {
  return totals.discovered === totals.ok + totals.redirects + totals.failed + totals.skipped + totals.pending;
}

function bump<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function sum(counts: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
