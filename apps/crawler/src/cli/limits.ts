import { availableParallelism } from 'node:os';
import type { HoldTimes } from '../work.ts';
import type { CrawlReport } from './summary.ts';
import { showTime } from './units.ts';

/** Share of the time of the cores that the engine can use, from which the processor is what limits. */
const CPU_BOUND = 0.85;

/** In one sentence, why the crawl was not faster, and what would make it so. */
export function whyNotFaster({
  cpu,
  elapsed,
  holds,
  concurrency,
  workers,
  inProcesses,
  engine,
  crawl,
}: CrawlReport): string {
  const cores = workers === undefined ? 1 : Math.min(workers + 1, availableParallelism());
  // Of what other processes do, no more is known than how long they read.
  const spent = inProcesses ? cpu + crawl.stats.processing : cpu;
  const busy = spent / elapsed / cores;
  const oneEach = workers !== undefined && workers >= concurrency;
  const percent = (share: number): string => `${Math.round(Math.min(1, share) * 100)} %`;
  if (busy >= CPU_BOUND)
    return `CPU: ${cores === 1 ? 'the processor was' : `${cores} cores were`} busy ${percent(busy)} of the time`;
  const total = Object.values(holds).reduce((sum, time) => sum + time, 0);
  const hold = (Object.keys(holds) as (keyof HoldTimes)[]).reduce((most, name) =>
    holds[name] > holds[most] ? name : most,
  );
  const share = percent(total === 0 ? 0 : holds[hold] / total);
  const latency = showTime(crawl.stats.latencies.quantile(0.5));
  switch (hold) {
    case 'places':
      if (oneEach)
        return `latency: all ${workers} workers were taken ${share} of the time, half of the pages took ${latency} or more; raise --workers, or use --engine greenlet`;
      return engine === 'serial'
        ? `latency: one page at a time, half of them took ${latency} or more; use --engine greenlet`
        : `latency: all ${concurrency} places were taken ${share} of the time, half of the pages took ${latency} or more; raise --concurrency`;
    case 'hosts':
      return `host limits: pages waited for their hosts' limits, delays or pauses ${share} of the time; see --per-host and --delay`;
    case 'retries':
      return `retries: pages that had failed waited to be tried again ${share} of the time; see --retries`;
    case 'frontier':
      return `queue empty: nothing was left to start ${share} of the time, while pages in flight were waited for`;
    case 'output':
      return `output: the records could not be written fast enough ${share} of the time`;
  }
}
