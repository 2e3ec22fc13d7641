import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/remote';
import { skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { ListProxy } from '../src/list-proxy.ts';
import { Manager, type SyncManager } from '../src/manager.ts';
import { currentRole } from '../src/process-role.ts';
import { Process } from '../src/process.ts';
import { contribute, holdOn, startManager } from './manager-tasks.ts';

const test = suite('Manager between processes');
const program = fileURLToPath(new URL('manager-program.ts', import.meta.url));
let manager: SyncManager;

test.before(() => {
  manager = Manager();
});

test.after(async () => {
  await manager.shutdown();
});

const pidOf = (address: string): number => Number(/switchyard-(\d+)-m/.exec(address)?.[1]);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function unexpected(value: unknown): never {
  return assert.unreachable(`gave ${String(value)}`) as never;
}

/** Of a process that is no child of this one nothing is told: all that one can do is to look. */
async function becomes(what: string, is: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!is()) {
    if (performance.now() > end) assert.unreachable(`not within 5 s: ${what}`);
    await sleep(5);
  }
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return text;
}

test(
  'processes share lists and dicts, and what one of them made outlives it',
  { timeout: 20_000 },
  async () => {
    const list = manager.list<number>();
    const dict = manager.dict<string, unknown>();
    const both = [1, 2].map((id) => new Process({ target: contribute, args: [manager, list, dict, id] }));
    for (const one of both) one.start();
    for (const one of both) {
      // It comes back as a list that works.
      const returned = await one;
      assert.is(returned.constructor, ListProxy);
      assert.ok((await returned.length()) >= 50);
      await one.join();
    }
    assert.is(await dict.get('count'), 100);
    assert.is(await list.count(1), 50);
    assert.is(await list.count(2), 50);
    for (const id of [1, 2]) {
      const made = (await dict.get(`of ${id}`)) as ListProxy;
      assert.is(await made.get(0), id);
      assert.is(await ((await made.get(1)) as typeof dict).get('id'), id);
    }
  },
);

test('a client that is killed takes nothing along', { timeout: 20_000 }, async () => {
  const lock = manager.Lock();
  const list = manager.list<string>();
  const queue = manager.Queue<string>();
  const child = new Process({ target: holdOn, args: [lock, list, queue] });
  child.start();
  while ((await list.length()) === 0);
  assert.is(await lock.acquire({ timeout: 1 }), false);
  child.kill();
  assert.is(await lock.acquire(), true);
  assert.ok(lock.abandoned);
  lock.release();
  // The place that it had in the line of the queue is nobody's.
  await queue.put('kept');
  assert.is(await queue.get(), 'kept');
  assert.equal(await list.copy(), ['held']);
  await child.join();
});

test('another program of the user connects with address and key', { timeout: 20_000 }, async () => {
  const jobs = manager.dict<string, unknown>({ text: 'of the first' });
  await manager.names.set('jobs', jobs);
  const child = start('connect', manager.address, Buffer.from(currentRole().authkey).toString('base64'));
  assert.is(await outputOf(child), 'of the first\n');
  assert.equal(await ((await jobs.get('done')) as ListProxy).copy(), ['by', child.pid]);
});

test('a daemon has no manager of its own', { timeout: 20_000 }, async () => {
  const child = new Process({ target: startManager, daemon: true });
  child.start();
  const error = await child.then(unexpected, (thrown: unknown) => thrown);
  assert.instance(error, RuntimeError);
  assert.match((error as Error).message, /daemons may not have children/);
});

test(
  'when the manager is killed all who wait get an error, and nothing is left',
  { timeout: 20_000 },
  async () => {
    const own = Manager();
    const list = own.list([1]);
    const lock = own.Lock();
    const event = own.Event();
    const condition = own.Condition();
    await condition.acquire();
    await list.length();
    const waiting = [
      own.Queue().get(),
      own.JoinableQueue().get({ timeout: 60_000 }),
      event.wait(),
      condition.wait(),
      own.Semaphore(0).acquire(),
      own.Barrier(2).wait(),
      list.copy(),
      own.dict({ a: 1 }).get('a'),
      own.list([1]).sort(),
    ].map((wait) =>
      (wait as PromiseLike<unknown>).then(
        () => null,
        (error: unknown) => error,
      ),
    );
    process.kill(pidOf(own.address), 'SIGKILL');
    for (const [at, error] of (await Promise.all(waiting)).entries()) {
      // What was asked before the kill may have been answered.
      if (error !== null || at < 6) assert.instance(error, RuntimeError, `wait ${at}`);
    }
    for (const operation of [
      () => list.append(2),
      () => lock.acquire(),
      () => own.list([1]).length(),
      () => event.wait(),
    ]) {
      const error = await Promise.resolve()
        .then(operation as () => PromiseLike<unknown>)
        .then(unexpected, (thrown: unknown) => thrown);
      assert.instance(error, RuntimeError);
      assert.match((error as Error).message, /has ended|was ended by SIGKILL/);
    }
    await own.shutdown();
    assert.not.ok(existsSync(dirname(own.address)));
    assert.is(await manager.list([1]).length(), 1, 'the other manager goes on');
  },
);

test(
  'a manager that is killed at any moment leaves nobody waiting, and no file',
  { timeout: 30_000 },
  async () => {
    // From before it runs any code of ours to long after it listens.
    const moments = [0, 60, 130, 200, 280, 400];
    for (const pair of [0, 2, 4]) {
      await Promise.all(
        moments.slice(pair, pair + 2).map(async (moment) => {
          const own = Manager();
          const list = own.list<number>();
          const used = (async () => {
            for (let n = 0; ; n++) await list.append(n);
          })().catch((error: unknown) => error);
          const got = own
            .Queue()
            .get()
            .then(unexpected, (error: unknown) => error);
          await sleep(moment);
          process.kill(pidOf(own.address), 'SIGKILL');
          assert.instance(await used, RuntimeError);
          assert.instance(await got, RuntimeError);
          await own.shutdown();
          assert.not.ok(existsSync(dirname(own.address)), `killed after ${moment} ms`);
          assert.not.ok(isRunning(pidOf(own.address)));
        }),
      );
    }
  },
);

test(
  'a program that ends does not wait for its manager, which ends with it',
  { timeout: 20_000 },
  async () => {
    const address = (await outputOf(start('leave'))).trim();
    await becomes('the manager ends', () => !isRunning(pidOf(address)));
    assert.not.ok(existsSync(dirname(address)));
  },
);

test(
  'when the program is killed its manager and its child end, and no file is left',
  { timeout: 20_000 },
  async () => {
    const child = start('linger');
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const [address, pid] = JSON.parse(String(line)) as [string, number];
    const gone = Manager.connect(address, Buffer.from('not even the key')).names.size();
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.instance(await gone.then(unexpected, (error: unknown) => error), RuntimeError);
    await becomes('the manager ends', () => !isRunning(pidOf(address)));
    await becomes('the child ends', () => !isRunning(pid));
    await becomes('the directory goes', () => !existsSync(dirname(address)));
  },
);

test('when program and manager are killed, the child removes what is left', { timeout: 20_000 }, async () => {
  const child = start('linger');
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const [address, pid] = JSON.parse(String(line)) as [string, number];
  // The child goes on when it is sure that the manager has ended, which could do nothing before.
  for (const stopped of [pid, pidOf(address)]) process.kill(stopped, 'SIGSTOP');
  process.kill(pidOf(address), 'SIGKILL');
  child.kill('SIGKILL');
  await becomes('the manager ends', () => !isRunning(pidOf(address)));
  assert.ok(existsSync(dirname(address)));
  process.kill(pid, 'SIGCONT');
  await becomes('the child ends', () => !isRunning(pid));
  assert.not.ok(existsSync(dirname(address)));
});

test('a new manager removes what others have left who are no more', { timeout: 20_000 }, async () => {
  if (process.platform === 'win32') skip('pipes leave nothing');
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  const stale = join(tmpdir(), `switchyard-${dead.pid}-m00`);
  const served = join(tmpdir(), `switchyard-${dead.pid}-m01`);
  mkdirSync(stale);
  mkdirSync(served);
  // Somebody listens there, who has that number where this process cannot see it.
  const server = createServer().listen(join(served, 's'));
  await once(server, 'listening');
  const own = Manager();
  await own.list().length();
  await becomes('the stale directory goes', () => !existsSync(stale));
  assert.equal(readdirSync(served), ['s']);
  server.close();
  await own.shutdown();
  // Now nobody listens.
  const next = Manager();
  await next.list().length();
  await becomes('the other one goes', () => !existsSync(served));
  await next.shutdown();
});

test.run();
