import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { ENGINES } from '../src/engines/engines.ts';
import { Cli, cli, gone, listens, recordsOf } from './run-cli.ts';

const LONG = { timeout: 60_000 };
/** The site's URL in the first line of standard error. */
const SITE = /demo site at (http:\S+)/;

const command = suite('switchyard crawl');

command('without a URL it crawls its demo site, and says how it went', LONG, async () => {
  const { code, stdout, stderr } = await cli('crawl', '--demo-latency', '5');
  assert.is(code, 0, stderr);
  assert.match(stderr, 'with engine greenlet, 64 in flight');
  assert.match(stdout, /engine\s+│ greenlet, 64 in flight/);
  assert.match(stdout, /pages ok\s+│ 314/);
  assert.match(stdout, '336 discovered = 314 ok + 7 redirects + 8 failed + 7 skipped + 0 pending');
  assert.match(stdout, 'bad_type 2, robots 2, scope 2, trap 1');
  assert.match(stdout, 'bomb 1, redirect_loop 1');
  const [, peak, seen] = /peak in flight\s+│ (\d+) of 64; the site saw (\d+)/.exec(stdout) ?? [];
  assert.is(peak, '64');
  assert.ok(Number(seen) > 16, `the site saw ${seen} at once`);
  for (const part of [
    'not faster because',
    'Slowest pages:',
    '/slow',
    'First 5 of 9 errors',
    'latency',
    'memory',
  ])
    assert.match(stdout, part);
  // eslint-disable-next-line no-control-regex -- escape sequences are what must not be there
  assert.not.match(stdout, /\u001b\[/);
  await gone(SITE.exec(stderr)?.[1] ?? '');
});

command('every engine gives the same pages, outcomes and bodies, one record each', LONG, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-'));
  try {
    const sets: string[][] = [];
    for (const engine of ['serial', 'greenlet', 'select', 'threads', 'processes', 'hybrid']) {
      const file = join(folder, `${engine}.jsonl`);
      const { code, stderr } = await cli(
        'crawl',
        '--engine',
        engine,
        ...(ENGINES.get(engine)?.workersFor === undefined ? [] : ['--workers', '2']),
        '--demo-latency',
        '2',
        '--demo-pages',
        '60',
        '--exclude',
        '/slow',
        '--jsonl',
        file,
      );
      assert.is(code, 0, stderr);
      const records = recordsOf(await readFile(file, 'utf8'));
      assert.is(new Set(records.map((record) => record.url)).size, records.length, 'no page twice');
      assert.ok(records.every((record) => record.engine === engine));
      sets.push(
        records
          .map((record) => `${new URL(record.url).pathname} ${record.outcome} ${record.sha256 ?? ''}`)
          .sort(),
      );
    }
    assert.ok((sets[0]?.length ?? 0) > 80);
    for (const set of sets) assert.equal(set, sets[0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

command('--jsonl - leaves standard output to the records', LONG, async () => {
  const { code, stdout, stderr } = await cli(
    'crawl',
    '--demo-pages',
    '20',
    '--demo-latency',
    '2',
    '--jsonl',
    '-',
  );
  assert.is(code, 0, stderr);
  const records = recordsOf(stdout);
  const by = (path: string): (typeof records)[number] => {
    const record = records.find(({ url }) => url.endsWith(path));
    assert.ok(record, path);
    return record!;
  };
  assert.match(stderr, 'pages ok');
  assert.equal(
    by('/redirect/target').redirects.map((url) => new URL(url).pathname),
    ['/redirect/1', '/redirect/2', '/redirect/3'],
  );
  assert.equal([by('/redirect/1').status, by('/redirect/1').outcome], [301, 'redirect']);
  assert.match(by('/redirect/1').finalUrl, '/redirect/2');
  assert.is(by('/redirect/loop-b').outcome, 'redirect_loop');
  assert.equal([by('/flaky/1').outcome, by('/flaky/1').attempts], ['ok', 3]);
  assert.equal([by('/gone').outcome, by('/gone').status], ['http_error', 410]);
  assert.is(by('/private/1').outcome, 'blocked_robots');
  assert.is(by('/files/report.pdf').outcome, 'bad_type');
  assert.is(by('/bomb').outcome, 'bomb');
  assert.is(by('/trap/deeper/deeper/deeper/').outcome, 'trap');
  assert.equal(
    [by('/encoded/brotli').outcome, by('/encoded/gzip').outcome, by('/encoded/deflate').outcome],
    ['ok', 'ok', 'ok'],
  );
  assert.ok(by('/encoded/brotli').bytes.wire < by('/encoded/brotli').bytes.body);
  const western = by('/charset/windows-1252');
  assert.equal(
    [western.title, western.charset],
    ['“Café” for 5 €', { name: 'windows-1252', source: 'default' }],
  );
  assert.is(by('/hostile').title, 'Hostile & odd');
  assert.equal(by('/hostile').links, { follow: 2, nofollow: 0, resources: 0, unusable: 2 });
  const front = by(':' + new URL(by('/gone').url).port + '/');
  assert.equal(
    [front.depth, front.parent, front.charset?.name, front.contentType],
    [0, null, 'utf-8', 'text/html; charset=utf-8'],
  );
  assert.ok(Number(front.timings?.headers) > 0);
});

command('--quiet says nothing', LONG, async () => {
  const { code, stdout, stderr } = await cli(
    'crawl',
    '--quiet',
    '--demo-pages',
    '20',
    '--demo-latency',
    '0',
    '--exclude',
    '/slow',
  );
  assert.equal([code, stdout, stderr], [0, '', '']);
});

command('limits: pages and time', LONG, async () => {
  const pages = await cli('crawl', '--max-pages', '25', '--jsonl', '-', '--demo-latency', '0');
  assert.is(recordsOf(pages.stdout).length, 25);
  assert.match(pages.stderr, 'Stopped: started 25 pages');
  const time = await cli('crawl', '--max-time', '500ms', '--demo-latency', '300', '--engine', 'serial');
  assert.is(time.code, 0);
  assert.match(time.stdout, 'Stopped: --max-time 500 ms was over');
});

command('a command line that cannot work: exit code 2, and nothing is started', LONG, async () => {
  for (const args of [['--delay', 'soon'], ['example.com'], ['--jsonl', 'no/such/folder/x']]) {
    const { code, stdout, stderr } = await cli('crawl', ...args);
    assert.equal([code, stdout], [2, ''], stderr);
    assert.match(stderr, /^error: /);
    assert.not.match(stderr, /Crawling|\n\s+at /, 'before any work, and without a stack');
  }
});

command('when no start URL can be fetched the exit code is 3', LONG, async () => {
  const { code, stderr } = await cli('crawl', '--retries', '0', 'http://127.0.0.1:9/');
  assert.is(code, 3);
  assert.match(
    stderr,
    'not one start URL could be fetched (http://127.0.0.1:9/robots.txt: refused: connect ECONNREFUSED 127.0.0.1:9)',
  );
});

command('Ctrl-C stops it with a summary, whole records, and nothing left behind', LONG, async () => {
  const running = new Cli(['crawl', '--demo-latency', '400', '-c', '4', '--jsonl', '-']);
  const site = await running.says('stderr', SITE);
  await running.says('stdout', /\n.*\n/);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.result();
  assert.is(code, 130);
  assert.match(stderr, 'SIGINT: stopping; once more to quit at once');
  assert.match(stderr, 'Stopped: interrupted by SIGINT');
  const [, discovered, ok, pending] = /(\d+) discovered = (\d+) ok .* (\d+) pending/.exec(stderr) ?? [];
  assert.ok(Number(discovered) > 0 && Number(pending) > 0);
  assert.is(recordsOf(stdout).filter((record) => record.outcome === 'ok').length, Number(ok));
  assert.not.ok(await listens(site));
});

command('Ctrl-C cuts off what does not end', LONG, async () => {
  const running = new Cli(['crawl', '--demo-latency', '30000']);
  const site = await running.says('stderr', SITE);
  // Two requests take a while to be under way; nothing ever comes back.
  running.child.kill('SIGINT');
  const { code, stdout } = await running.result();
  assert.is(code, 130);
  assert.match(stdout, '1 discovered = 0 ok + 0 redirects + 0 failed + 0 skipped + 1 pending');
  await gone(site);
});

command('Ctrl-C twice ends it at once', LONG, async () => {
  const running = new Cli(['crawl', '--demo-latency', '30000']);
  const site = await running.says('stderr', SITE);
  running.child.kill('SIGINT');
  await running.says('stderr', /once more/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.result();
  assert.equal([code, stdout], [130, '']);
  await gone(site);
});

command('the demo site does not outlive a crawl that is killed', LONG, async () => {
  const running = new Cli(['crawl', '--demo-latency', '30000']);
  const site = await running.says('stderr', SITE);
  assert.ok(await listens(site));
  running.child.kill('SIGKILL');
  await running.result();
  await gone(site);
});

command('a reader that goes away ends it without a stack', LONG, async () => {
  const running = new Cli(['crawl', '--demo-latency', '20', '--jsonl', '-']);
  await running.says('stdout', /\n/);
  running.child.stdout?.destroy();
  const { code, stderr } = await running.result();
  assert.is(code, 0, stderr);
  assert.match(stderr, 'Stopped: nobody reads the records any more');
});

command.run();

const other = suite('switchyard');

other('help and version', LONG, async () => {
  const help = await cli('crawl', '--help');
  assert.is(help.code, 0);
  for (const option of [
    'serial, greenlet, select',
    '--workers',
    '--per-host',
    '--scope',
    '--total-timeout',
    '--jsonl',
  ])
    assert.match(help.stdout, option);
  const version = await cli('--version');
  assert.equal([version.code, /^\d+\.\d+\.\d+\n$/.test(version.stdout)], [0, true]);
});

other('serve runs the demo site by hand', LONG, async () => {
  const server = new Cli(['serve', '--port', '0', '--pages', '20', '--latency', '0']);
  const url = await server.says('stdout', /at (http:\S+)/);
  const crawl = await cli('crawl', url, '--exclude', '/slow', '--quiet', '--jsonl', '-');
  assert.is(crawl.code, 0, crawl.stderr);
  assert.ok(recordsOf(crawl.stdout).length > 40);
  const taken = await cli('serve', '--port', new URL(url).port);
  assert.is(taken.code, 2);
  assert.match(taken.stderr, 'pass another --port');
  server.child.kill('SIGINT');
  const { code, stdout } = await server.result();
  assert.is(code, 0);
  assert.match(stdout, /\d+ requests, \d+ in flight at most/);
});

other.run();
