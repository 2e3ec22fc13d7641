import { execFileSync } from 'node:child_process';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Cli, cli, gone, listens, recordsOf } from './run-cli.ts';

const LONG = { timeout: 60_000 };
/** The site's URL in the first line of standard error. */
const SITE = /demo site at (http:\S+)/;

const command = suite('switchyard crawl with workers');

command('--workers says how many threads there are', LONG, async () => {
  const { code, stdout, stderr } = await cli(
    'crawl',
    '--engine',
    'threads',
    '--workers',
    '2',
    '--demo-pages',
    '40',
    '--demo-latency',
    '2',
    '--exclude',
    '/slow',
  );
  assert.is(code, 0, stderr);
  assert.match(stderr, 'with engine threads, 2 workers');
  assert.match(stdout, /engine\s+│ threads, 2 workers/);
  assert.match(stdout, /peak in flight\s+│ 2 of 2; the site saw \d/);
  assert.match(stdout, '53 ok + 7 redirects + 8 failed + 8 skipped + 0 pending');
});

command('Ctrl-C stops threads as well: what is under way is cut off, and all is counted', LONG, async () => {
  const running = new Cli([
    'crawl',
    '--engine',
    'threads',
    '--workers',
    '2',
    '--demo-latency',
    '30',
    '--jsonl',
    '-',
  ]);
  const site = await running.says('stderr', SITE);
  await running.says('stdout', /\n.*\n/);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.result();
  assert.is(code, 130);
  assert.match(stderr, 'Stopped: interrupted by SIGINT');
  const [, discovered, ok, pending] = /(\d+) discovered = (\d+) ok .* (\d+) pending/.exec(stderr) ?? [];
  assert.ok(Number(discovered) > 0 && Number(pending) > 0);
  assert.is(recordsOf(stdout).filter((record) => record.outcome === 'ok').length, Number(ok));
  assert.not.match(stderr, /\n\s+at |Error/);
  assert.not.ok(await listens(site));
});

command('Ctrl-C while workers start or hang ends within the grace time', LONG, async () => {
  const running = new Cli(['crawl', '--engine', 'threads', '--workers', '2', '--demo-latency', '30000']);
  const site = await running.says('stderr', SITE);
  const started = performance.now();
  running.child.kill('SIGINT');
  const { code, stdout } = await running.result();
  assert.is(code, 130);
  assert.match(stdout, '1 discovered = 0 ok + 0 redirects + 0 failed + 0 skipped + 1 pending');
  assert.ok(performance.now() - started < 15_000);
  await gone(site);
});

/** The processes that another one has started; and what these have. */
function descendants(pid: number): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) for (const [child, by] of all) if (by === parent) found.push(child as number);
  return found.slice(1);
}

/** Whether a process has not ended; one that nobody has asked for yet is still there by name. */
function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

for (const engine of ['processes', 'hybrid']) {
  command(
    `--engine ${engine}: a summary that adds up, Ctrl-C, and no process that is left`,
    LONG,
    async () => {
      const args = ['crawl', '--engine', engine, '--workers', '2', '--exclude', '/slow'];
      const whole = await cli(...args, '--demo-pages', '40', '--demo-latency', '2');
      assert.is(whole.code, 0, whole.stderr);
      const line = engine === 'hybrid' ? 'hybrid, 2 workers, 64 in flight' : 'processes, 2 workers';
      assert.match(whole.stderr, `with engine ${line}`);
      assert.match(whole.stdout, '53 ok + 7 redirects + 8 failed + 8 skipped + 0 pending');
      assert.match(whole.stdout, /without[\s│]+the[\s│]+workers/);

      const running = new Cli([...args, '--demo-latency', '30', '--jsonl', '-']);
      await running.says('stderr', SITE);
      await running.says('stdout', /\n.*\n/);
      const pids = descendants(running.child.pid as number);
      assert.ok(pids.length >= 3, 'the site, and two workers');
      running.child.kill('SIGINT');
      const { code, stderr } = await running.result();
      assert.is(code, 130);
      assert.match(stderr, 'Stopped: interrupted by SIGINT');
      assert.not.match(stderr, /\n\s+at |Error/);
      while (pids.some(isAlive)) await new Promise((resolve) => void setTimeout(resolve, 10));
    },
  );
}

command.run();
