import type { Colors } from './colors.ts';
import type { Crawl } from '../core/crawl.ts';
import type { CrawlSettings } from './crawl-settings.ts';
import { LiveLine } from './live-line.ts';
import { showBytes, showCount, showTime } from './units.ts';

const INTERVALS = { terminal: 100, plain: 5_000 };

/** Says on standard error how the crawl goes: one line that changes on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #crawl: Crawl;
  readonly #engine: string;
  readonly #workers: number | undefined;
  readonly #colors: Colors;
  readonly #started = performance.now();
  readonly #live: LiveLine;
  /** When and how many pages at the last line, for the rate since then. */
  #last = { at: performance.now(), pages: 0, bytes: 0 };
  #rate = { pages: 0, bytes: 0 };

  constructor(crawl: Crawl, { engine, workers }: Pick<CrawlSettings, 'engine' | 'workers'>, colors: Colors) {
    this.#crawl = crawl;
    this.#engine = engine.name;
    this.#workers = engine.manyEach === true ? undefined : workers;
    this.#colors = colors;
    this.#live = new LiveLine(() => this.#show(), INTERVALS);
  }

  /** Takes the line away. */
  stop(): void {
    this.#live.stop();
  }

  /** Writes a line above the one that changes. */
  say(line: string): void {
    this.#live.say(line);
  }

  #show(): void {
    const line = this.#line();
    this.#live.show(this.#live.changes ? fitted(line, process.stderr.columns) : line);
  }

  #line(): string {
    const { tally, stats, waiting } = this.#crawl;
    const { ok, redirects, failed, skipped } = this.#crawl.totals;
    this.#measure(ok + redirects + failed);
    const { green, yellow, red, dim } = this.#colors;
    const bad = failed - tally.clientErrors - tally.serverErrors;
    return [
      showTime(performance.now() - this.#started),
      [
        green(`${showCount(ok)} ok`),
        `${showCount(redirects)} redirects`,
        yellow(`${showCount(tally.clientErrors)} 4xx`),
        yellow(`${showCount(tally.serverErrors)} 5xx`),
        red(`${showCount(bad)} failed`),
        dim(`${showCount(skipped)} skipped`),
      ].join(' '),
      `${showCount(waiting)} waiting`,
      `${this.#engine}: ${stats.inFlight} ${this.#workers === undefined ? 'in flight' : `of ${this.#workers} workers busy`}`,
      `${this.#rate.pages.toFixed(0)} pages/s ${showBytes(this.#rate.bytes)}/s`,
      `p50 ${showTime(stats.latencies.quantile(0.5))}`,
    ].join(dim(' | '));
  }

  #measure(pages: number): void {
    const at = performance.now();
    const seconds = (at - this.#last.at) / 1000;
    if (seconds < 0.5) return; // over less it jumps too much to be read
    const bytes = this.#crawl.stats.wireBytes;
    this.#rate = { pages: (pages - this.#last.pages) / seconds, bytes: (bytes - this.#last.bytes) / seconds };
    this.#last = { at, pages, bytes };
  }
}

/** Cuts a line to the width of the terminal; a line that wraps cannot be taken back. Colours are dropped when it is cut. */
function fitted(line: string, columns: number): string {
  const width = columns > 0 ? columns : 80; // some terminals do not know
  // eslint-disable-next-line no-control-regex -- the escape sequences of colours
  const plain = line.replace(/\u001b\[\d+m/g, '');
  return plain.length < width ? line : plain.slice(0, width - 1);
}
