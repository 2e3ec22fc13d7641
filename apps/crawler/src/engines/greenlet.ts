import { type Coroutine, type Greenlet, joinall, killall, spawn } from '@switchyard/gevent';
import { attempt } from '../attempt.ts';
import type { Engine } from '../engine.ts';
import { Fetcher } from '../fetch/fetcher.ts';

/** As many greenlets as jobs may be under way, each doing one job after the other. */
export const greenlet: Engine = {
  name: 'greenlet',
  *run(work, settings) {
    const fetcher = new Fetcher(settings.fetch);
    const workers: Greenlet<void>[] = [];

    function* worker(): Coroutine {
      for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
        work.done(job, yield* attempt(job, fetcher, settings.fetch));
      }
    }

    try {
      for (let index = 0; index < settings.concurrency; index++) workers.push(spawn(worker));
      // Fails with the first that does, which must not leave the others waiting for its page.
      void (yield* joinall(workers, { raiseError: true }));
    } finally {
      yield* killall(workers);
      fetcher.close();
    }
  },
};
