import { ThreadPoolExecutor } from '@switchyard/futures';
import type { Engine } from '../engine.ts';
import { ManyEach } from '../engines/many-each.ts';
import { crawlInPool, poolOptions, READING } from '../engines/pool.ts';
import { read } from '../engines/visit.ts';

/** `hybrid`, with threads: as many as cores, with coroutines in each. How threads are best used for a crawl. */
export const bestThreads: Engine = {
  name: 'threads',
  workersFor: (concurrency) => concurrency,
  manyEach: true,
  *run(work, settings) {
    const { concurrency, workers = concurrency } = settings;
    const options = poolOptions(settings, workers, null);
    const pool = new ThreadPoolExecutor({ ...options, threadNamePrefix: 'crawler' });
    yield* crawlInPool(work, new ManyEach(pool, workers, read, READING), concurrency);
  },
};
