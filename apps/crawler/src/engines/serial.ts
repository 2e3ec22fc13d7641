import type { Engine } from '../engine.ts';
import { Fetcher } from '../fetch/fetcher.ts';
import { attempt } from '../attempt.ts';

/** One job after the other: what all other engines are compared with. */
export const serial: Engine = {
  name: 'serial',
  *run(work, settings) {
    const fetcher = new Fetcher(settings.fetch);
    try {
      for (let job = yield* work.next(); job !== undefined; job = yield* work.next()) {
        work.done(job, yield* attempt(job, fetcher, settings.fetch));
      }
    } finally {
      fetcher.close();
    }
  },
};
