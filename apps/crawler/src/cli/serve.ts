import { Command } from 'commander';
import { DemoServer } from '../demo/server.ts';
import { DEFAULT_SITE } from '../demo/site.ts';
import { duration, size, wholeNumber } from './units.ts';
import { EXIT, UsageError } from './usage-error.ts';

interface RawServeOptions {
  readonly port: number;
  readonly host: string;
  readonly pages: number;
  readonly latency: number;
  readonly pageSize: number;
  readonly seed: number;
}

/** Declares `switchyard serve`: the demo site by hand. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Run the demo site until Ctrl-C; GET /__stats tells what it saw')
    .option('--port <n>', 'port; 0 for any that is free', wholeNumber(0), 8080)
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--pages <n>', 'ordinary pages', wholeNumber(20), DEFAULT_SITE.pages)
    .option('--latency <time>', 'average time of an answer', duration, DEFAULT_SITE.latency)
    .option('--page-size <size>', 'least size of a page', size, DEFAULT_SITE.pageSize)
    .option('--seed <n>', 'the same seed makes the same site', wholeNumber(0), DEFAULT_SITE.seed)
    .action(async ({ port, host, ...site }: RawServeOptions) => serve(port, host, new DemoServer(site)));
}

async function serve(port: number, host: string, server: DemoServer): Promise<void> {
  if (port > 65_535) throw new UsageError(`Expected a port from 0 to 65535 for --port, got ${port}`);
  let url: string;
  try {
    url = await server.listen(port, host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `Cannot listen at ${host} port ${port} (${reason}); pass another --port, or 0 for any`,
    );
  }
  process.stdout.write(`The demo site is at ${url}\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const { requests, peakInFlight } = server.stats;
  await server.close();
  process.stdout.write(`\n${requests} requests, ${peakInFlight} in flight at most\n`);
  process.exitCode = EXIT.ok;
}
