import { Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_USER_AGENT } from '../core/options.ts';
import { ENGINES } from '../engines/engines.ts';
import { SCOPE_NAMES } from '../url/scope.ts';
import type { RawCrawlOptions } from './crawl-settings.ts';
import { duration, rate, size, timeLimit, wholeNumber } from './units.ts';

/** More would be a slip of the keyboard: each takes 30 MB, a process 50. */
const MOST_WORKERS = 256;

/** Declares `switchyard crawl` and its options; `action` gets what the user typed, checked one by one. */
export function crawlCommand(action: (urls: string[], options: RawCrawlOptions) => Promise<void>): Command {
  const command = new Command('crawl')
    .description('Crawl from the given URLs; with none, start an embedded demo site and crawl that')
    .argument('[urls...]', 'where to start');

  command
    .addOption(choice('--engine <name>', 'how pages are fetched', [...ENGINES.keys()], 'greenlet'))
    .option('-c, --concurrency <n>', 'pages in flight at once (default: 64)', wholeNumber(1))
    .option(
      '--workers <n>',
      'threads, or processes, of the engines that have any: with one page at a time each (default: 4 a core, 16 at most), of --engine hybrid with many (default: 1 a core)',
      wholeNumber(1, MOST_WORKERS),
    );

  command.option(
    '--work <what>',
    'what is done with a page: links, dom (tree, text, fingerprint, compression), CPU time such as 4ms, or a module whose default export is a function of a page',
    'links',
  );

  command.optionsGroup('Manners:');
  command
    .option(
      '--per-host <n>',
      'requests in flight to one host (default: 4; on this machine as --concurrency)',
      wholeNumber(1),
    )
    .option(
      '--delay <time>',
      'least time between two starts at one host (default: 250ms; on this machine 0)',
      duration,
    )
    .addOption(limit('--rate <n/s>', 'starts over all hosts, such as 20/s or 90/m', rate))
    .addOption(choice('--robots <what>', 'robots.txt', ['obey', 'ignore'], 'obey'))
    .addOption(
      choice('--nofollow <what>', 'nofollow in links, pages and headers', ['obey', 'ignore'], 'obey'),
    )
    .option('--max-crawl-delay <time>', 'the longest Crawl-delay to keep', duration, 30_000)
    .option('--user-agent <text>', 'what to be called', DEFAULT_USER_AGENT);

  command.optionsGroup('Scope:');
  command
    .addOption(choice('--scope <name>', 'how far to go from the start URLs', SCOPE_NAMES, 'host'))
    .option('--include <regex>', 'only URLs that match; may be repeated', gather(pattern), [])
    .option('--exclude <regex>', 'no URLs that match; may be repeated', gather(pattern), [])
    .addOption(limit('--depth <n>', 'links between a start URL and a page, at most', wholeNumber(0)))
    .addOption(limit('--max-pages <n>', 'pages to fetch, at most', wholeNumber(1)))
    .addOption(limit('--max-time <time>', 'how long to crawl', timeLimit))
    .addOption(limit('--max-bytes <size>', 'how much to read', size))
    .addOption(
      choice(
        '--sitemap <mode>',
        'sitemaps: as well as links, instead of links, or not',
        ['auto', 'only', 'off'],
        'auto',
      ),
    )
    .option('--drop-tracking', 'drop utm_source, gclid and the like from URLs', false)
    .option('--sort-query', 'take URLs that differ in the order of their query for the same', false);

  command.optionsGroup('Limits of one request:');
  command
    .option('--connect-timeout <time>', 'to open a connection', timeLimit, 10_000)
    .option('--headers-timeout <time>', 'until the headers of the answer', timeLimit, 15_000)
    .option('--idle-timeout <time>', 'between two pieces of the body', timeLimit, 10_000)
    .option('--total-timeout <time>', 'for all of it', timeLimit, 60_000)
    .option('--max-body <size>', 'of a body as it is sent', size, 10 * 1024 * 1024)
    .option('--max-inflated <size>', 'of a body after decompression', size, 20 * 1024 * 1024)
    .option('--retries <n>', 'further attempts after a failure that may pass', wholeNumber(0), 3)
    .option('--header <name: value>', 'a further header; may be repeated', gather(headerLine), [])
    .option('--allow-private', 'fetch from private addresses that were not typed', false);

  command.optionsGroup('Output:');
  command
    .option('--jsonl <file>', 'write one JSON record a page to a file, or - for standard output')
    .option('--quiet', 'no progress and no summary', false)
    .option('--no-color', 'no colours')
    .option('--seed <n>', 'of the demo site and of the jitter of retries', wholeNumber(0), 1);

  command.optionsGroup('Demo site:');
  command
    .option('--demo-pages <n>', 'ordinary pages', wholeNumber(20), 300)
    .option('--demo-latency <time>', 'average time of an answer', duration, 20)
    .option('--demo-page-size <size>', 'least size of a page', size, 8192);

  return command.action(async (urls: string[], options: RawCrawlOptions) => action(urls, options));
}

function choice(flags: string, description: string, names: readonly string[], preset: string): Option {
  return new Option(flags, `${description}: ${names.join(', ')}`)
    .default(preset)
    .argParser((text: string) => {
      if (!names.includes(text)) throw new InvalidArgumentError(`Expected one of ${names.join(', ')}.`);
      return text;
    });
}

/** A limit that there is not when nobody sets it. */
function limit(flags: string, description: string, parse: (text: string) => number): Option {
  return new Option(flags, description).default(Infinity, 'none').argParser(parse);
}

function gather<T>(parse: (text: string) => T): (text: string, before: readonly T[]) => T[] {
  return (text, before) => [...before, parse(text)];
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidArgumentError(
      `Expected a regular expression such as '/blog/' or '\\.pdf$' (${reason}).`,
    );
  }
}

function headerLine(text: string): readonly [string, string] {
  const [, name, value] = /^\s*([^\s:]+)\s*:\s*(.*?)\s*$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Expected a name and a value, such as 'Accept-Language: de'.");
  }
  return [name, value];
}
