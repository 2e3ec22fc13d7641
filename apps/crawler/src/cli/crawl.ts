import { spawn } from '@switchyard/gevent';
import { type Colors, colorsFor } from './colors.ts';
import { Crawl } from '../core/crawl.ts';
import { addsUp } from '../core/tally.ts';
import { type Demo, startDemo } from '../demo/demo.ts';
import { Work, wallClock } from '../work.ts';
import { type CrawlSettings, allowedHosts } from './crawl-settings.ts';
import { onInterrupt } from './interrupt.ts';
import { JsonlWriter } from './jsonl.ts';
import { Progress } from './progress.ts';
import { type CrawlReport, engineLine, summary } from './summary.ts';
import { EXIT } from './usage-error.ts';

/** How long pages in flight may take to end once the crawl is stopped, in milliseconds. */
const GRACE = 1500;

/** Runs a crawl from start to summary. @returns the exit code */
export async function runCrawl(settings: CrawlSettings): Promise<number> {
  const colors = colorsFor(settings.color);
  const output = settings.jsonl === undefined ? undefined : await JsonlWriter.open(settings.jsonl);
  const demo = settings.seeds.length === 0 ? await startDemo(settings.demo) : undefined;
  try {
    return await crawlSite(settings, demo, output, colors);
  } finally {
    await demo?.stop();
  }
}

async function crawlSite(
  settings: CrawlSettings,
  demo: Demo | undefined,
  output: JsonlWriter | undefined,
  colors: Colors,
): Promise<number> {
  const seeds = demo === undefined ? settings.seeds : [demo.url];
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const crawl = new Crawl(
    { ...settings.crawl, seeds, onRecord: (record) => output?.write(record) },
    wallClock(),
  );
  const work = new Work(crawl);
  const { engine } = settings;
  const progress = settings.quiet ? undefined : new Progress(crawl, settings, colors);
  const running = spawn(engine.run, work, {
    concurrency: settings.concurrency,
    ...(settings.workers !== undefined && { workers: settings.workers }),
    fetch: { ...settings.fetch, allowedHosts: allowedHosts(seeds) },
  });
  const stopper = new Stopper(work, () => running.kill(undefined, { block: false }));
  output?.onChange(() => {
    work.outputFull = output.full;
    if (output.error === undefined) work.pump();
    else
      stopper.stop(
        output.readerGone
          ? 'nobody reads the records any more'
          : `the records cannot be written: ${output.error.message}`,
      );
  });
  demo?.onLost((error) => {
    stopper.stop(error.message);
  });
  const interrupted = onInterrupt((code, name) => {
    progress?.say(`${name}: stopping; once more to quit at once`);
    stopper.stop(`interrupted by ${name}`);
    return code;
  });
  if (!settings.quiet) greet(seeds, settings, demo !== undefined);
  const limit =
    settings.maxTime === Infinity
      ? undefined
      : setTimeout(() => {
          stopper.stop(`--max-time ${settings.maxTime} ms was over`);
        }, settings.maxTime);

  try {
    await running.join();
  } finally {
    clearTimeout(limit);
    stopper.done();
    work.abandon();
    progress?.stop();
  }
  const failure = running.exception;
  const report: CrawlReport = {
    crawl,
    engine: engine.name,
    concurrency: settings.concurrency,
    workers: settings.workers,
    inProcesses: engine.inProcesses === true,
    elapsed: performance.now() - started,
    cpu: cpuSince(cpuBefore),
    memory: process.resourceUsage().maxRSS * 1024,
    holds: work.times,
    site: await demo?.stats(),
  };
  await output?.close();
  interrupted.off();
  if (!settings.quiet) tell(report, settings, colors);
  if (failure !== undefined) throw failure;
  return exitCode(crawl, output, interrupted.code);
}

function greet(seeds: readonly string[], settings: CrawlSettings, isDemo: boolean): void {
  const where = isDemo ? `the demo site at ${seeds[0] ?? ''}` : seeds.join(', ');
  process.stderr.write(`Crawling ${where} with engine ${engineLine(settings.engine.name, settings)}\n`);
}

function tell(report: CrawlReport, settings: CrawlSettings, colors: Colors): void {
  const { endedBy } = report.crawl;
  const how = endedBy === undefined ? colors.bold('Finished') : colors.yellow(`Stopped: ${endedBy}`);
  // Standard output belongs to the records when they go there.
  const stream = settings.jsonl === '-' ? process.stderr : process.stdout;
  stream.write(`\n${how}\n${summary(report, colors)}\n`);
}

function exitCode(crawl: Crawl, output: JsonlWriter | undefined, interruptCode: number | undefined): number {
  if (!addsUp(crawl.totals)) return EXIT.error;
  if (output?.error !== undefined && !output.readerGone) {
    process.stderr.write(`error: ${crawl.endedBy ?? output.error.message}\n`);
    return EXIT.error;
  }
  if (interruptCode !== undefined) return interruptCode;
  if (crawl.reachedSeeds || crawl.endedBy !== undefined) return EXIT.ok;
  const [first] = crawl.stats.troubles;
  process.stderr.write(
    `error: not one start URL could be fetched${first === undefined ? '' : ` (${first.url}: ${first.what})`}\n`,
  );
  return EXIT.seedsFailed;
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Stops the crawl: no new page at once, and those in flight after a moment. */
class Stopper {
  readonly #work: Work;
  readonly #kill: () => void;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(work: Work, kill: () => void) {
    this.#work = work;
    this.#kill = kill;
  }

  stop(reason: string): void {
    this.#work.stop(reason);
    this.#timer ??= setTimeout(this.#kill, GRACE);
  }

  done(): void {
    clearTimeout(this.#timer);
  }
}
