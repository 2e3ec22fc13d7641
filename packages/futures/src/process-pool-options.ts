import { show } from '@switchyard/greenlet/scheduler';
import { PaceByTarget } from './pace.ts';
import { ProcessHost } from './process-host.ts';
import {
  limit,
  MB,
  type WorkerPoolOptions,
  type WorkerPoolSettings,
  workerPoolSettings,
} from './worker-pool-options.ts';
import { comeUp } from './worker-pool-tasks.ts';

/** What a `ProcessPoolExecutor` takes. */
export interface ProcessPoolOptions<A extends unknown[] = unknown[]> extends WorkerPoolOptions<A> {
  /**
   * A worker is replaced when its process holds more than so many MB altogether, what is outside of the heap included; never
   * when left out. It is looked at between tasks, some twenty times a second at the most.
   */
  recycleRssMb?: number | null;
  /** The environment variables of the workers, instead of those of this process. */
  env?: NodeJS.ProcessEnv;
  /** The options of Node for the workers, as in `['--expose-gc']`, instead of those of this process. */
  execArgv?: readonly string[];
}

/** Checks the options of a process pool. @param name what it is called @internal */
export function processPoolSettings<A extends unknown[]>(
  options: ProcessPoolOptions<A>,
  who: string,
  name: string,
): WorkerPoolSettings {
  const { resourceLimits, env, execArgv } = options;
  const settings = workerPoolSettings(options, who);
  if (env !== undefined && (env === null || typeof env !== 'object')) {
    throw new TypeError(`Expected variables as in { TZ: 'UTC' } as the env of ${who}, got ${show(env)}`);
  }
  if (execArgv !== undefined && !isStrings(execArgv)) {
    throw new TypeError(
      `Expected options of Node as in ['--expose-gc'] as the execArgv of ${who}, got ${show(execArgv)}`,
    );
  }
  const runtime = {
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
    ...(env === undefined ? {} : { env: { ...env } }),
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
  };
  return {
    ...settings,
    // A process takes long to start: tasks do not wait for one while another is there.
    first: settings.first ?? { target: comeUp, args: [] },
    maxRss: limit(options.recycleRssMb, `the recycleRssMb of ${who}`) * MB,
    prefix: name,
    pace: new PaceByTarget(),
    kind: {
      sharesMemory: false,
      hasPid: true,
      start: (tenant, worker) => new ProcessHost(tenant, worker, runtime),
    },
  };
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
