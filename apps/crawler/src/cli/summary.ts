import Table from 'cli-table3';
import type { Colors } from './colors.ts';
import type { Crawl } from '../core/crawl.ts';
import { addsUp } from '../core/tally.ts';
import type { ServerStats } from '../demo/server.ts';
import type { HoldTimes } from '../work.ts';
import { whyNotFaster } from './limits.ts';
import { showBytes, showCount, showTime } from './units.ts';

/** Everything that a summary tells. Times are milliseconds. */
export interface CrawlReport {
  readonly crawl: Crawl;
  readonly engine: string;
  readonly concurrency: number;
  /** How many workers the engine may have, if it has any. */
  readonly workers: number | undefined;
  /** Whether these are other processes, of whose time and memory nothing is known here. */
  readonly inProcesses: boolean;
  readonly elapsed: number;
  /** Processor time of this process. */
  readonly cpu: number;
  /** Largest resident size of this process in bytes. */
  readonly memory: number;
  readonly holds: HoldTimes;
  /** What the demo site saw, when it was that which was crawled. */
  readonly site: ServerStats | undefined;
}

/** The engine and how much it does at once. */
export function engineLine(
  engine: string,
  { concurrency, workers }: Pick<CrawlReport, 'concurrency' | 'workers'>,
): string {
  if (workers === undefined) return `${engine}, ${concurrency} in flight`;
  const many = concurrency > workers ? `, ${concurrency} in flight` : '';
  return `${engine}, ${workers} worker${workers === 1 ? '' : 's'}${many}`;
}

/** The summary at the end of a crawl. */
export function summary(report: CrawlReport, colors: Colors): string {
  const { crawl } = report;
  const { tally, stats } = crawl;
  const totals = crawl.totals;
  const pages = totals.ok + totals.redirects + totals.failed;
  const seconds = report.elapsed / 1000;
  const { latencies } = stats;
  const count = (map: ReadonlyMap<string, number>): string =>
    [...map]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, number]) => `${name} ${showCount(number)}`)
      .join(', ');
  const quantile = (share: number): string => showTime(latencies.quantile(share));

  const table = new Table({
    style: { head: [], border: [], compact: true },
    colWidths: [20, 59],
    wordWrap: true,
  });
  const row = (name: string, value: string): void => {
    table.push([name, value]);
  };
  row('engine', engineLine(report.engine, report));
  row('pages ok', colors.green(showCount(totals.ok)));
  row('redirects', showCount(totals.redirects));
  row('4xx', paintIf(tally.clientErrors, colors.yellow));
  row('5xx', paintIf(tally.serverErrors, colors.yellow));
  if (tally.otherStatuses > 0) row('other statuses', showCount(tally.otherStatuses));
  row('failed', tally.failures.size === 0 ? '0' : colors.red(count(tally.failures)));
  row('skipped', tally.skips.size === 0 ? '0' : count(tally.skips));
  if (totals.pending > 0) row('pending', colors.yellow(showCount(totals.pending)));
  row('pages per second', (seconds === 0 ? 0 : pages / seconds).toFixed(1));
  row(
    'latency',
    latencies.count === 0
      ? 'nothing was answered'
      : `p50 ${quantile(0.5)}, p90 ${quantile(0.9)}, p99 ${quantile(0.99)}, max ${showTime(latencies.max)}`,
  );
  row('read', `${showBytes(stats.wireBytes)} (${showBytes(stats.bodyBytes)} decompressed)`);
  row(
    'requests',
    `${showCount(stats.requests)}: ${showCount(stats.retries)} retries, ${stats.robots} robots.txt, ${stats.sitemaps} sitemaps; ${showCount(stats.throttles)} answered "slow down"`,
  );
  row(
    'peak in flight',
    `${stats.peakInFlight} of ${report.concurrency}${report.site === undefined ? '' : `; the site saw ${report.site.peakInFlight}`}`,
  );
  row('time', showTime(report.elapsed));
  const here = report.inProcesses ? ", without the workers'" : '';
  row('CPU', `${showTime(report.cpu)}${here}${pages === 0 ? '' : ` (${perPage(report, pages)})`}`);
  row('memory', `${showBytes(report.memory)} at most${here}`);
  row('not faster because', whyNotFaster(report));

  const lines = [table.toString()];
  if (stats.slowest.length > 0) {
    lines.push('', 'Slowest pages:');
    for (const page of stats.slowest) lines.push(`  ${showTime(page.milliseconds).padStart(9)}  ${page.url}`);
  }
  if (stats.troubleCount > 0) {
    const shown = stats.troubles.length;
    lines.push(
      '',
      `${stats.troubleCount > shown ? `First ${shown} of ${showCount(stats.troubleCount)} errors` : 'Errors'}:`,
    );
    for (const trouble of stats.troubles) lines.push(`  ${trouble.url}`, `    ${colors.dim(trouble.what)}`);
  }
  lines.push('', balance(crawl));
  if (!addsUp(totals))
    lines.push(colors.red('This does not add up: a page was lost or counted twice. Please report it.'));
  return lines.join('\n');
}

/** What a page has cost. */
function perPage({ cpu, crawl, inProcesses }: CrawlReport, pages: number): string {
  const each = `${(cpu / pages).toFixed(2)} ms a page`;
  const reading = showTime(crawl.stats.processing);
  return inProcesses ? `${each}; they read pages for ${reading}` : `${each}, ${reading} of it reading pages`;
}

/** The invariant of every crawl, with its figures. */
function balance(crawl: Crawl): string {
  const { discovered, ok, redirects, failed, skipped, pending } = crawl.totals;
  return `${discovered} discovered = ${ok} ok + ${redirects} redirects + ${failed} failed + ${skipped} skipped + ${pending} pending`;
}

function paintIf(count: number, paint: (text: string) => string): string {
  return count === 0 ? '0' : paint(showCount(count));
}
