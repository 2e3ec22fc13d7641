import { show } from '@switchyard/greenlet/scheduler';
import { WorkerThread } from '@switchyard/threading/core';
import { OverallPace } from './pace.ts';
import {
  type WorkerPoolOptions,
  type WorkerPoolSettings,
  workerPoolSettings,
} from './worker-pool-options.ts';

/** What a `ThreadPoolExecutor` takes. */
export interface ThreadPoolOptions<A extends unknown[] = unknown[]> extends WorkerPoolOptions<A> {
  /** What the threads are called, with a number behind; by default as the executor. */
  threadNamePrefix?: string;
}

/** Checks the options of a thread pool. @param name what it is called when they do not say @internal */
export function threadPoolSettings<A extends unknown[]>(
  options: ThreadPoolOptions<A>,
  who: string,
  name: string,
): WorkerPoolSettings {
  const { threadNamePrefix = name, resourceLimits } = options;
  const settings = workerPoolSettings(options, who);
  if (typeof threadNamePrefix !== 'string') {
    throw new TypeError(`Expected a string as the threadNamePrefix of ${who}, got ${show(threadNamePrefix)}`);
  }
  // When it is nothing special, spare ones can be used.
  const runtime = resourceLimits === undefined ? undefined : { resourceLimits };
  return {
    ...settings,
    prefix: threadNamePrefix,
    pace: new OverallPace(),
    kind: {
      sharesMemory: true,
      hasPid: false,
      start: (tenant, worker) => WorkerThread.lease(tenant, worker, false, runtime),
    },
  };
}
