import { type Coroutine, Group } from '@switchyard/gevent';
import type { Engine } from '../engine.ts';
import { Client } from '../http/client.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { digest } from '../page/digest.ts';
import { Pending } from '../workload/perform.ts';
import { finished, ready } from '../workload/read.ts';

/**
 * Many in flight without a greenlet for each: one loop over `select`, in which every connection is a state that is moved on
 * when something happens to it.
 */
export const select: Engine = {
  name: 'select',
  *run(work, { concurrency, fetch }) {
    yield* ready(fetch);
    /** Pages with work of the user's that has to be waited for: the loop itself waits for nothing but its select. */
    const waiting = new Group();
    let waits = 0;
    let failure: { readonly error: unknown } | undefined;

    function* finish(job: Job, outcome: Outcome): Coroutine {
      const complete = yield* finished(outcome);
      waits--;
      try {
        work.done(job, complete);
      } catch (error) {
        failure ??= { error };
        client.wake();
      }
    }

    const client = new Client(fetch, (job, result) => {
      const outcome = result.type === 'failure' ? result : digest(job, result, fetch);
      if (isPending(outcome)) {
        waits++;
        void waiting.spawn(finish, job, outcome);
      } else work.done(job, outcome);
    });
    work.onReady(() => client.wake());
    try {
      for (;;) {
        if (failure !== undefined) throw failure.error;
        while (client.underWay + waits < concurrency) {
          const job = work.take();
          if (job === undefined) break;
          client.start(job);
        }
        if (work.finished) return;
        yield* client.turn();
      }
    } finally {
      client.close();
      yield* waiting.kill();
    }
  },
};

function isPending(outcome: Outcome): boolean {
  return (
    outcome.type === 'answer' && outcome.content.type === 'page' && outcome.content.work instanceof Pending
  );
}
