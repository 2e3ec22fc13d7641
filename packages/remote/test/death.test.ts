/** Whatever becomes of a worker, each call is told of its end, once, and why. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Exit, Peer, startProcess } from '../src/core.ts';
import { endFresh, failure, fresh, Host, type Kind, kinds, type Lost, type TestCall } from './support.ts';
import * as tasks from './tasks.ts';

const timeout = 30_000;

async function lost(call: TestCall): Promise<Lost> {
  const error = (await failure(call)) as unknown as Lost;
  assert.is(error.constructor.name, 'Lost', String(error));
  assert.is(call.ends, 1);
  return error;
}

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  test.after.each(endFresh);

  test(
    'process.exit in a task: the code, and results of earlier tasks are not lost',
    { timeout },
    async () => {
      const host = fresh(kind);
      const before = Array.from({ length: 20 }, (_, at) =>
        host.run(tasks.give, { at, text: 'x'.repeat(10_000) }),
      );
      const ends = host.run(tasks.exit, 3);
      const behind = host.run(tasks.add, 1, 2);
      const results = (await Promise.all(before)) as { at: number }[];
      assert.equal(
        results.map(({ at }) => at),
        Array.from({ length: 20 }, (_, at) => at),
      );
      const error = await lost(ends);
      assert.equal([error.exit.code, error.exit.signal, error.begun], [3, null, true]);
      assert.is((await lost(behind)).begun, false);
    },
  );

  test('process.exit(0) in a task', { timeout }, async () => {
    const host = fresh(kind);
    assert.is((await lost(host.run(tasks.exit, 0))).exit.code, 0);
  });

  test('an uncaught error in the middle of a task', { timeout }, async () => {
    const host = fresh(kind);
    const { exit, begun } = await lost(host.run(tasks.throwLater));
    assert.ok(begun);
    assert.is(exit.code, 1);
    assert.instance(exit.error, RangeError);
    assert.is((exit.error as NodeJS.ErrnoException).code, 'E_LATE');
    assert.match((exit.error as Error).stack!, 'tasks.ts');
  });

  test('a rejection that nobody handles', { timeout }, async () => {
    const host = fresh(kind);
    const { exit } = await lost(host.run(tasks.rejectUnseen));
    assert.instance(exit.error, TypeError);
    assert.is((exit.error as Error).message, 'nobody looks');
  });

  test('an uncaught error between two tasks', { timeout }, async () => {
    const host = fresh(kind);
    assert.is(await host.run(tasks.throwAfter), 'fine');
    const { code, error } = await host.exited;
    assert.is(code, 1);
    assert.instance(error, RangeError);
  });

  test('out of memory', { timeout: 60_000 }, async () => {
    const host = fresh(kind, { resourceLimits: { maxOldGenerationSizeMb: 24 } });
    const { exit, begun } = await lost(host.run(tasks.fillHeap));
    assert.ok(begun);
    if (kind === 'thread') assert.is((exit.error as NodeJS.ErrnoException).code, 'ERR_WORKER_OUT_OF_MEMORY');
    else assert.ok(exit.signal === 'SIGABRT' || exit.code !== 0, JSON.stringify(exit));
  });

  test('killed in the middle of a task', { timeout }, async () => {
    const host = fresh(kind);
    const call = host.run(tasks.busy);
    await call.news();
    host.peer.runtime.kill();
    const { exit, begun } = await lost(call);
    assert.ok(begun);
    assert.equal([exit.code, exit.signal], kind === 'thread' ? [1, null] : [null, 'SIGKILL']);
  });

  test('killed before it was up: nothing has begun', { timeout }, async () => {
    const host = fresh(kind);
    const call = host.run(tasks.add, 1, 2);
    host.peer.runtime.kill();
    assert.is((await lost(call)).begun, false);
  });

  test(
    'a module that ends its worker strikes the task that needs it, and no other',
    { timeout },
    async () => {
      const host = fresh(kind);
      await host.run(tasks.add, 1, 2);
      const { deadly } = await import('./deadly-module.ts');
      const first = host.run(deadly);
      const second = host.run(tasks.add, 1, 2);
      assert.equal([(await lost(first)).begun, (await lost(second)).begun], [true, false]);
      assert.is((await host.exited).code, 9);
    },
  );

  test('an unknown option of Node ends it at once, and is no hang', { timeout }, async () => {
    if (kind === 'thread') {
      assert.throws(() => new Host(kind, { execArgv: ['--no-such-option'] }), /no-such-option/);
      return;
    }
    const host = fresh(kind, { execArgv: ['--no-such-option'] });
    const { exit, begun } = await lost(host.run(tasks.add, 1, 2));
    assert.equal([exit.code, begun], [9, false]);
  });

  test('what a task prints is there when its worker is stopped at once', { timeout }, async () => {
    const printed = await program('printing-program.ts', [kind]);
    const lines = printed.stdout.trim().split('\n');
    assert.is(lines.length, 2002, printed.stderr);
    assert.is(lines[1999], 'one 999');
    assert.is(lines[2000], 'printed', 'the result comes behind what was printed');
    assert.is(lines[2001], 'exit 0');
  });

  test.run();
}

const processes = suite('processes');
processes.after.each(endFresh);

processes('SIGKILL in a task behind others: only that one has begun', { timeout }, async () => {
  const host = fresh('process');
  const before = [host.run(tasks.add, 1, 2), host.run(tasks.add, 3, 4)];
  const killed = host.run(tasks.killSelf);
  const behind = host.run(tasks.add, 1, 2);
  assert.equal(await Promise.all(before), [3, 7]);
  const { exit, begun } = await lost(killed);
  assert.equal([exit.code, exit.signal, begun], [null, 'SIGKILL', true]);
  assert.is((await lost(behind)).begun, false);
});

processes('a program that cannot be started is an exit, not a hang', { timeout }, async () => {
  const { execPath } = process;
  let told!: (exit: Exit) => void;
  const exited = new Promise<Exit>((resolve) => {
    told = resolve;
  });
  try {
    process.execPath = '/no/such/node';
    const peer = new Peer((events) => startProcess(events), { exited: (_peer, exit) => told(exit) });
    assert.is(peer.runtime.id, -1);
  } finally {
    process.execPath = execPath;
  }
  assert.is(((await exited).error as NodeJS.ErrnoException).code, 'ENOENT');
});

processes('programs that a task starts are no children of ours', { timeout }, async () => {
  const host = fresh('process');
  const { env } = (await host.run(tasks.where)) as { env: string | null };
  assert.is(env, null);
  const said = await host.run(tasks.startProgram, path('main-program.ts'), process.execArgv);
  assert.is(said, 'main: true\n');
});

processes('programs that a task has left running do not delay the news of its end', { timeout }, async () => {
  const host = fresh('process');
  await host.run(tasks.add, 1, 2);
  const start = performance.now();
  assert.is((await lost(host.run(tasks.leaveProgram))).exit.code, 4);
  assert.ok(performance.now() - start < 1500, 'their pipes are not those of the child');
});

processes('nothing is left running when the parent is killed', { timeout: 60_000 }, async () => {
  const { stdout } = await program('killed-program.ts', []);
  const pids = stdout.trim().split(' ').map(Number);
  assert.is(pids.length, 2, 'one that waits, and one in an endless loop');
  for (const pid of pids) {
    assert.ok(pid > 1);
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

processes.run();

function path(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url));
}

function program(name: string, args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...process.execArgv, path(name), ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where nobody collects it, one that is dead is still listed.
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
