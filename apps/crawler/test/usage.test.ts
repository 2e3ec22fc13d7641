import { availableParallelism } from 'node:os';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { crawlCommand } from '../src/cli/crawl-command.ts';
import { type CrawlSettings, allowedHosts, crawlSettings } from '../src/cli/crawl-settings.ts';
import { duration, rate, showBytes, showTime, size } from '../src/cli/units.ts';

/** What the command line of `crawl` amounts to. */
async function settingsFor(...args: string[]): Promise<CrawlSettings> {
  let settings: CrawlSettings | undefined;
  const command = crawlCommand(async (urls, raw) => {
    settings = crawlSettings(urls, raw);
  });
  command.exitOverride().configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return settings!;
}

async function refusal(args: readonly string[]): Promise<string> {
  try {
    await settingsFor(...args);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const usage = suite('the options of crawl');

const BAD: readonly (readonly [readonly string[], RegExp])[] = [
  [['--delay', 'soon'], /'soon' is invalid\. Expected a time such as 250ms, 10s, 2m/],
  [['--max-body', '0'], /'0' is invalid\. Expected a size above 0, such as 512, 64KB or 10MB/],
  [['--concurrency', '-3'], /Expected a whole number from 1 up/],
  [
    ['--engine', 'warp'],
    /'warp' is invalid\. Expected one of serial, greenlet, select, threads, processes, hybrid/,
  ],
  [['--engine', 'threads', '--workers', '0'], /'0' is invalid\. Expected a whole number from 1 to 256/],
  [['--engine', 'threads', '--workers', '257'], /'257' is invalid\. Expected a whole number from 1 to 256/],
  [['--engine', 'threads', '--workers', 'two'], /'two' is invalid\. Expected a whole number from 1 to 256/],
  [
    ['--engine', 'threads', '-c', '2', '--workers', '8'],
    /--workers 8 is more than --concurrency 2 leaves work for: .*; write --workers 2, or leave --concurrency out/,
  ],
  [
    ['--engine', 'hybrid', '-c', '2', '--workers', '8'],
    /each worker has at least one page at a time; write --workers 2, or leave --concurrency out/,
  ],
  [
    ['--workers', '4'],
    /--workers 4 does not go with --engine greenlet, which has no workers; write --engine threads or --engine processes or --engine hybrid, or --concurrency 4/,
  ],
  [
    ['--engine', 'serial', '--workers', '4'],
    /--workers 4 does not go with --engine serial, which has one page at a time; write --engine threads or --engine processes or --engine hybrid/,
  ],
  [['--scope', 'all'], /Expected one of origin, host, domain, prefix, any/],
  [['--include', '('], /'\(' is invalid\. Expected a regular expression/],
  [['--header', 'nothing'], /Expected a name and a value, such as/],
  [['--header', 'Transfer-Encoding: x'], /'Transfer-Encoding' is fetch's own to send/],
  [['--rate', '0'], /Expected a rate above 0/],
  [['--nope'], /unknown option '--nope'/],
  [
    ['example.com'],
    /Expected a URL such as https:\/\/example.com\/, got "example.com"; write https:\/\/example.com/,
  ],
  [['http://'], /got "http:\/\/"/],
  [['ftp://example.com/'], /only http and https URLs can be fetched, not ftp/],
  [['http://me:secret@example.com/'], /pass --header 'Authorization: Basic \.\.\.' instead/],
];

usage('what cannot work is refused with its value and what to write instead', async () => {
  for (const [args, message] of BAD) assert.match(await refusal(args), message, args.join(' '));
});

usage('defaults are polite far away and fast nearby', async () => {
  const { crawl, concurrency, engine, fetch, seeds } = await settingsFor();
  assert.equal([engine.name, concurrency, seeds], ['greenlet', 64, []]);
  assert.equal(
    [crawl.perHost, crawl.delay, crawl.robots, crawl.scope, crawl.retries],
    [undefined, undefined, 'obey', 'host', 3],
  );
  assert.equal(fetch.timeouts, { connect: 10_000, headers: 15_000, idle: 10_000, total: 60_000 });
  assert.equal([fetch.maxBody, fetch.maxInflated], [10 * 1024 ** 2, 20 * 1024 ** 2]);
  assert.is((await settingsFor('--engine', 'serial', '-c', '9')).concurrency, 1);
});

usage('an engine with workers has one page in flight in each', async () => {
  const placesOf = async (...args: string[]): Promise<(number | undefined)[]> => {
    const { concurrency, workers, crawl } = await settingsFor(...args);
    assert.is(crawl.concurrency, concurrency);
    return [concurrency, workers];
  };
  const most = Math.min(16, 4 * availableParallelism());
  assert.equal(await placesOf('--engine', 'threads'), [most, most]);
  assert.equal(await placesOf('--engine', 'threads', '-c', '3'), [3, 3]);
  assert.equal(await placesOf('--engine', 'threads', '-c', '1000'), [most, most]);
  assert.equal(await placesOf('--engine', 'threads', '--workers', '100'), [100, 100]);
  assert.equal(await placesOf('--engine', 'threads', '--workers', '2', '-c', '5'), [2, 2]);
  assert.equal(await placesOf('--engine', 'processes', '--workers', '3'), [3, 3]);
  assert.equal(await placesOf('--engine', 'greenlet'), [64, undefined]);
});

usage('one that has many in each has as many in flight as without', async () => {
  const placesOf = async (...args: string[]): Promise<(number | undefined)[]> => {
    const { concurrency, workers, crawl } = await settingsFor('--engine', 'hybrid', ...args);
    assert.is(crawl.concurrency, concurrency);
    return [concurrency, workers];
  };
  const cores = availableParallelism();
  assert.equal(await placesOf(), [64, Math.min(64, cores)]);
  assert.equal(await placesOf('-c', '3'), [3, Math.min(3, cores)]);
  assert.equal(await placesOf('--workers', '4'), [64, 4]);
  assert.equal(await placesOf('--workers', '100'), [100, 100]);
  assert.equal(await placesOf('--workers', '4', '-c', '10'), [10, 4]);
});

usage('options arrive where they belong', async () => {
  const settings = await settingsFor(
    'HTTP://Example.com:80/a#b',
    'http://example.com/a',
    'https://example.org',
    '--per-host',
    '2',
    '--delay',
    '1.5s',
    '--rate',
    '90/m',
    '--include',
    '/a',
    '--include',
    '/b',
    '--header',
    'Accept-Language: de',
    '--max-body',
    '1KB',
    '--total-timeout',
    '2m',
    '--drop-tracking',
    '--no-color',
    '--depth',
    '0',
  );
  assert.equal(settings.seeds, ['http://example.com/a', 'https://example.org/']);
  assert.equal(
    [settings.crawl.perHost, settings.crawl.delay, settings.crawl.rate, settings.crawl.depth],
    [2, 1500, 1.5, 0],
  );
  assert.equal(settings.crawl.include.map(String), ['/\\/a/u', '/\\/b/u']);
  assert.equal(settings.fetch.headers, [['Accept-Language', 'de']]);
  assert.equal(
    [settings.fetch.maxBody, settings.fetch.timeouts.total, settings.color],
    [1024, 120_000, false],
  );
  assert.ok(settings.fetch.canonical.dropTracking && settings.crawl.canonical.dropTracking);
});

usage('private hosts that are typed are allowed, with the port that is typed', () => {
  assert.equal(allowedHosts(['http://127.0.0.1:8080/', 'https://192.168.1.1/', 'http://localhost/']), [
    '127.0.0.1:8080',
    '192.168.1.1:80',
    '192.168.1.1:443',
    'localhost:80',
    'localhost:443',
  ]);
});

usage('units are read and shown', () => {
  assert.equal(
    ['250ms', '10s', '2m', '1.5h', '7', '0', '3 S'].map(duration),
    [250, 10_000, 120_000, 5_400_000, 7, 0, 3000],
  );
  assert.equal(['512', '64KB', '10mb', '1.5 GB', '7b'].map(size), [
    512,
    65_536,
    10 * 1024 ** 2,
    1.5 * 1024 ** 3,
    7,
  ]);
  assert.equal(['20', '20/s', '90/m'].map(rate), [20, 20, 1.5]);
  assert.equal([1.25, 35.4, 2310, 250_000].map(showTime), ['1.3 ms', '35 ms', '2.31 s', '4 min 10 s']);
  assert.equal([0, 812, 3.4 * 1024 ** 2, 200 * 1024].map(showBytes), ['0 B', '812 B', '3.4 MB', '200 KB']);
});

usage.run();
