import { isLoopbackHost } from '../url/private.ts';
import type { Politeness } from './frontier.ts';
import type { CrawlOptions } from './options.ts';

/** The manners kept towards `origin`: as asked for, else careful on the open web and quick on this machine. */
export function politeness(options: CrawlOptions, origin: string): Politeness {
  const nearby = isLoopbackHost(new URL(origin).hostname);
  return {
    limit: options.perHost ?? (nearby ? options.concurrency : 4),
    delay: options.delay ?? (nearby ? 0 : 250),
  };
}
