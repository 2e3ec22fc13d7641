import { type Coroutine, sleep, spawn } from '@switchyard/gevent';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Crawl } from '../src/core/crawl.ts';
import { crawlOptions } from '../src/core/options.ts';
import type { PageRecord } from '../src/core/record.ts';
import type { Job } from '../src/job.ts';
import type { Outcome } from '../src/outcome.ts';
import { Work } from '../src/work.ts';
import { answer, page } from './fake-site.ts';

const A = 'http://127.0.0.1';
const children = Array.from({ length: 40 }, (_, index) => `${A}/${index}`);

function setUp(options: { delay?: number; perHost?: number } = {}): {
  work: Work;
  crawl: Crawl;
  records: PageRecord[];
} {
  const records: PageRecord[] = [];
  const onRecord = (record: PageRecord): void => void records.push(record);
  const crawl = new Crawl(
    crawlOptions({ seeds: [`${A}/`], robots: 'ignore', ...options, onRecord }),
    Date.now(),
  );
  return { work: new Work(crawl), crawl, records };
}

const outcomeOf = (job: Job): Outcome => (job.url === `${A}/` ? page(children) : page());

function* worker(work: Work, outcome: (job: Job) => Outcome = outcomeOf): Coroutine {
  for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
    yield* sleep(1);
    work.done(job, outcome(job));
  }
}

const work = suite('Work');

work('any number of workers do all there is, and then end', async () => {
  for (const count of [1, 3, 100]) {
    const { work: all, records, crawl } = setUp();
    await Promise.all(Array.from({ length: count }, () => spawn(worker, all)));
    assert.is(records.length, 41);
    assert.ok(crawl.finished);
  }
});

work('what may start later is waited for', async () => {
  const { work: all, records } = setUp({ delay: 5, perHost: 1 });
  const started = performance.now();
  await spawn(worker, all);
  assert.is(records.length, 41);
  assert.ok(performance.now() - started >= 39 * 5);
  assert.ok(all.times.hosts > all.times.frontier);
});

work('a killed engine leaves its pages pending', async () => {
  const { work: all, crawl } = setUp();
  const hanging = spawn(function* (): Coroutine {
    yield* worker(all, (job) => outcomeOf(job));
  });
  const stuck = Array.from({ length: 5 }, () =>
    spawn(function* (): Coroutine {
      const job = yield* all.next();
      if (job !== undefined) yield* sleep(60_000);
    }),
  );
  while (crawl.stats.inFlight < 6) await sleep(1);
  await Promise.all([hanging, ...stuck].map((greenlet) => greenlet.kill()));
  all.abandon();
  assert.is(crawl.stats.inFlight, 0);
  assert.is(crawl.totals.pending + crawl.totals.ok, 41);
  assert.is(all.take()?.attempt, 1, 'they can be taken up again');
  all.abandon();
});

work('nothing is handed out while the records cannot be written', async () => {
  const { work: all, records } = setUp();
  all.outputFull = true;
  const running = spawn(worker, all);
  await sleep(20);
  assert.is(records.length, 0);
  all.outputFull = false;
  all.pump();
  await running;
  assert.is(records.length, 41);
});

work('a stop lets what is under way end, and nothing start', async () => {
  const { work: all, records, crawl } = setUp();
  const workers = Array.from({ length: 4 }, () => spawn(worker, all));
  while (records.length < 5) await sleep(1);
  all.stop('enough');
  await Promise.all(workers);
  assert.is(crawl.endedBy, 'enough');
  assert.ok(records.length >= 5 && records.length < 15, String(records.length));
  assert.is(crawl.totals.pending, 41 - records.length);
});

work('an engine that does not wait is told when there is something to take', async () => {
  const { work: all, records } = setUp();
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (let job = all.take(); job !== undefined; job = all.take()) {
        const taken = job;
        setTimeout(() => {
          all.done(taken, taken.url === `${A}/` ? page(children) : answer(404));
        }, 1);
      }
      if (all.finished) resolve();
    };
    all.onReady(go);
    go();
  });
  assert.is(records.length, 41);
});

work.run();
