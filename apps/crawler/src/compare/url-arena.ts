import { spawn } from '@switchyard/gevent';
import { Crawl } from '../core/crawl.ts';
import { crawlOptions } from '../core/options.ts';
import { greenlet } from '../engines/greenlet.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import { Work } from '../work.ts';
import type { Arena } from './arena.ts';

/** Not one page of the sites that were named could be fetched. */
export class NothingToCompareError extends Error {
  override readonly name = 'NothingToCompareError';
}

/**
 * Sites of others: one crawl finds out which pages there are, politely, and every engine gets those same pages.
 *
 * @param pages how many, at the most
 * @throws NothingToCompareError when there are none
 */
export async function urlArena(
  seeds: readonly string[],
  pages: number,
  fetch: FetchSettings,
  signal: AbortSignal,
): Promise<Arena> {
  const found: string[] = [];
  let trouble = '';
  const crawl = new Crawl(
    crawlOptions({
      seeds,
      maxPages: pages,
      userAgent: fetch.userAgent,
      concurrency: 4,
      sitemap: 'off',
      retries: 0,
      engine: 'greenlet',
      onRecord: ({ url, outcome, error }) => {
        if (outcome === 'ok') found.push(url);
        else if (trouble === '') trouble = ` (${url}: ${error ?? outcome})`;
      },
    }),
    Date.now(),
  );
  const work = new Work(crawl);
  const running = spawn(greenlet.run, work, { concurrency: 4, fetch });
  const stop = (): void => running.kill(undefined, { block: false });
  signal.addEventListener('abort', stop, { once: true });
  await running.join();
  signal.removeEventListener('abort', stop);
  work.abandon();
  if (running.exception !== undefined) throw running.exception;
  if (found.length === 0) throw new NothingToCompareError(`Not one page could be fetched${trouble}`);
  const sorted = found.sort();
  return {
    kind: 'urls',
    subjects: seeds,
    allowed: seeds,
    capacity: null,
    prepare: async () => sorted,
    peak: async () => null,
    close: async () => {},
  };
}
