/**
 * The process of one run: one crawl, measured from its first request to its last outcome. Started by `startCell`, which sends it
 * its order; not to be imported.
 */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@switchyard/gevent';
import { Crawl } from '../core/crawl.ts';
import { crawlOptions } from '../core/options.ts';
import type { PageRecord } from '../core/record.ts';
import type { Engine } from '../engine.ts';
import { now } from '../page/trace.ts';
import { loadWork } from '../workload/perform.ts';
import { type CellFindings, type CellOrder, percentiles } from './cell.ts';
import { CellWork } from './cell-work.ts';
import { Meter } from './meter.ts';
import type { Setting } from './result.ts';
import { sayBegan, serveRun } from './serve-run.ts';

/** Only that engine's own modules are loaded: what the others need is no part of its start. */
async function engineFor({ engine, terms }: Setting): Promise<Engine> {
  const extension = extname(fileURLToPath(import.meta.url));
  if (terms === 'best') {
    const { bestThreads } = (await import(new URL(`./best-threads${extension}`, import.meta.url).href)) as {
      bestThreads: Engine;
    };
    return bestThreads;
  }
  const loaded = (await import(new URL(`../engines/${engine}${extension}`, import.meta.url).href)) as Record<
    string,
    Engine
  >;
  const found = loaded[engine];
  if (found === undefined) throw new Error(`There is no engine "${engine}"`);
  return found;
}

async function measure(order: CellOrder): Promise<CellFindings> {
  const { setting, fetch } = order;
  const engine = await engineFor(setting);
  if (fetch.work !== undefined) await loadWork(fetch.work);

  const pages: string[] = [];
  const fromDue: number[] = [];
  let findings: CellFindings | undefined;
  let trouble: string | undefined;

  const onRecord = (record: PageRecord): void => {
    pages.push(`${record.url}\t${record.outcome}\t${record.sha256 ?? '-'}`);
    // All pages are due from the beginning on: how long each has waited for a place counts.
    fromDue.push(now() - work.began);
    if (record.error !== null) trouble ??= `${record.url}: ${record.outcome}, ${record.error}`;
  };
  const crawl = new Crawl(
    crawlOptions({
      ...order.crawl,
      seeds: order.seeds,
      depth: 0,
      sitemap: 'off',
      engine: engine.name,
      onRecord,
    }),
    now(),
  );
  const meter = new Meter(engine.inProcesses === true, () => ({
    at: now() - work.began,
    inFlight: work.inFlight,
    pages: pages.length,
  }));
  const work = new CellWork(crawl, setting.inFlight, order.gate, {
    began() {
      sayBegan();
      meter.begin();
    },
    ended() {
      const { cpu, samples, ...taken } = meter.end();
      findings = {
        run: {
          wall: work.ended - work.began,
          startup: work.readyAt - order.spawned,
          // What the pages took to read is the least it was.
          cpu: cpu ?? { user: work.processing, system: 0 },
          pages: pages.length,
          requests: work.requests,
          latency: percentiles(work.latencies),
          fromDue: percentiles(fromDue),
          ...taken,
          digest: digestOf(pages),
        },
        began: work.began,
        workers: work.spans.workers(),
        samples,
        trouble,
      };
    },
  });
  await spawn(engine.run, work, {
    concurrency: setting.inFlight,
    ...(setting.workers > 0 && { workers: setting.workers }),
    fetch,
  });
  if (findings === undefined) throw new Error('the engine returned before all pages were done');
  return findings;
}

/** The port of the demo site is another one every time, and no part of what was crawled. */
function digestOf(pages: readonly string[]): string {
  const lines = pages.map((line) => line.replace(/^http:\/\/127\.0\.0\.1:\d+\//, 'http://demo/')).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

serveRun(measure);
