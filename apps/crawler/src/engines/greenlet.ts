import { type Coroutine, Group, joinall } from '@switchyard/gevent';
import { attempt } from '../attempt.ts';
import type { Engine } from '../engine.ts';
import { Fetcher } from '../fetch/fetcher.ts';

/** As many greenlets as jobs may be under way, each doing one job after the other. */
export const greenlet: Engine = {
  name: 'greenlet',
  *run(work, settings) {
    const fetcher = new Fetcher(settings.fetch);
    const workers = new Group();

    function* worker(): Coroutine {
      for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
        work.done(job, yield* attempt(job, fetcher, settings.fetch));
      }
    }

    try {
      for (let index = 0; index < settings.concurrency; index++) workers.spawn(worker);
      void (yield* joinall(workers, { raiseError: true }));
    } finally {
      yield* workers.kill();
      fetcher.close();
    }
  },
};
