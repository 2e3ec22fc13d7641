import type { Coroutine } from '@switchyard/gevent';
import type { FetchSettings } from './fetch/settings.ts';
import type { Work } from './work.ts';

/** What an engine is told about how to do its work. */
export interface EngineSettings {
  /** How many jobs may be under way at once. */
  readonly concurrency: number;
  /** How many workers of its own an engine that has any may start; as many as it thinks best when left out. */
  readonly workers?: number;
  readonly fetch: FetchSettings;
}

/**
 * A way to do many jobs. An engine takes jobs from `work`, fetches what each says and makes an outcome of what comes
 * back, and hands that in. Which pages there are, in what order and when, is none of its business.
 *
 * A job and an outcome are plain data: an engine may do any part of the work in another thread or process. The parts
 * are `Fetcher` (bytes for a URL) and `digest` (an outcome for bytes).
 */
export interface Engine {
  readonly name: string;
  /**
   * How many workers of its own, threads say, it starts for so many pages in flight when it is not told. Left out by an
   * engine that has none.
   */
  readonly workersFor?: (concurrency: number) => number;
  /** Whether each worker does many jobs at a time; otherwise one. */
  readonly manyEach?: boolean;
  /** Whether they are processes. */
  readonly inProcesses?: boolean;
  /**
   * Returns when `work` has no more. A kill gives up whatever is under way; jobs not handed in are taken back by the
   * caller.
   */
  run(work: Work, settings: EngineSettings): Coroutine;
}
