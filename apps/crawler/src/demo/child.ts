/** The process in which the demo site of a crawl runs. Started by `startDemo`; not to be imported. */
import { DemoServer } from './server.ts';
import type { SiteOptions } from './site.ts';

/** What this process is asked: what it saw; or to become another site, which counts from nothing. */
export type ChildRequest =
  | { readonly type: 'stats' }
  | { readonly type: 'become'; readonly site: SiteOptions };

/** What this process says to the one that started it. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'stats'; readonly requests: number; readonly peakInFlight: number };

function say(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

// The channel closes when the parent ends in whatever way, kill -9 included.
process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the crawl still needs its site while it winds up.
process.on('SIGINT', () => {});

const server = new DemoServer(JSON.parse(process.argv[2] ?? '{}') as SiteOptions);

process.on('message', (request: ChildRequest) => {
  if (request.type === 'become') server.become(request.site);
  say({ type: 'stats', ...server.stats });
});

try {
  say({ type: 'ready', url: await server.listen(0, '127.0.0.1') });
} catch (error) {
  say({ type: 'failed', error: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
