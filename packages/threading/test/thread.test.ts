import { GreenletExit } from '@switchyard/greenlet';
import { withTimeout } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { RuntimeError, TaskError } from '@switchyard/remote';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  activeCount,
  currentThread,
  enumerate,
  Event,
  type ExceptHookArgs,
  local,
  Lock,
  mainThread,
  Queue,
  setExcepthook,
  Thread,
} from '../src/index.ts';
import * as tasks from './thread-tasks.ts';

const test = suite('thread');

function started<X extends Thread<unknown, any>>(thread: X): X {
  thread.start();
  return thread;
}

async function thrown(body: () => unknown): Promise<Error> {
  try {
    await body();
  } catch (error) {
    return error as Error;
  }
  throw new assert.Assertion({ message: 'nothing was thrown' } as never);
}

/** What the hook is told meanwhile. */
async function hooked(body: () => Promise<unknown>): Promise<ExceptHookArgs[]> {
  const told: ExceptHookArgs[] = [];
  setExcepthook((args) => told.push(args));
  try {
    await body();
  } finally {
    setExcepthook(null);
  }
  return told;
}

test('T01: a new thread is not alive and has no ident; a started one is listed; a joined one is neither', async () => {
  const event = new Event();
  const thread = new Thread({ target: tasks.waitFor, args: [event] });
  assert.is(thread.isAlive(), false);
  assert.is(thread.ident, null);
  assert.is(thread.nativeId, null);
  const before = activeCount();
  thread.start();
  assert.is(thread.isAlive(), true);
  assert.type(thread.ident, 'number');
  assert.type(thread.nativeId, 'number');
  assert.ok(enumerate().includes(thread));
  assert.is(activeCount(), before + 1);
  event.set();
  assert.is(await thread.join(), true);
  assert.is(thread.isAlive(), false);
  assert.not.ok(enumerate().includes(thread));
  assert.is(await thread.join(), true);
});

test('T02: starting twice is a RuntimeError, also after its end', async () => {
  const thread = started(new Thread({ target: tasks.double, args: [1] }));
  assert.instance(await thrown(() => thread.start()), RuntimeError);
  await thread.join();
  assert.match((await thrown(() => thread.start())).message, /only be started once/);
});

test('T03: joining a thread that was not started, or the current one, is a RuntimeError', async () => {
  const thread = new Thread({ target: tasks.double, args: [1] });
  assert.instance(await thrown(() => thread.join()), RuntimeError);
  assert.instance(await thrown(async () => await thread), RuntimeError);
  assert.instance(await thrown(() => currentThread().join()), RuntimeError);
  assert.instance(await thrown(() => thread.kill()), RuntimeError);
});

test('T04: daemon cannot be changed once it runs; false by default; the option wins', async () => {
  const event = new Event();
  const thread = new Thread({ target: tasks.waitFor, args: [event] });
  assert.is(thread.daemon, false);
  assert.is(new Thread({ daemon: true }).daemon, true);
  thread.daemon = true;
  assert.is(thread.daemon, true);
  thread.start();
  assert.throws(
    () => (thread.daemon = false),
    (error: Error) => error instanceof RuntimeError,
  );
  event.set();
  await thread.join();
});

test('T07: an error is told to excepthook with the thread, join does not throw, await does', async () => {
  let thread = new Thread({ target: tasks.fail, name: 'arm' });
  const told = await hooked(async () => {
    assert.is(await started(thread).join(), true);
  });
  assert.is(told.length, 1);
  assert.is(told[0]?.thread, thread);
  const error = told[0]?.error as RangeError & { code: string };
  assert.instance(error, RangeError);
  assert.is(error.message, 'out of reach');
  assert.is(error.code, 'E_ARM');
  assert.instance(error.cause, TypeError);
  thread = new Thread({ target: tasks.fail });
  const silent = await hooked(async () => {
    assert.is((await thrown(async () => await started(thread))).message, 'out of reach');
  });
  assert.is(silent.length, 0);
});

test('a hook that throws does not lose the error', async () => {
  const written: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = ((text: string) => written.push(text) > 0) as never;
  try {
    setExcepthook(() => {
      throw new Error('the hook itself');
    });
    await started(new Thread({ target: tasks.fail, name: 'leg' })).join();
  } finally {
    process.stderr.write = write;
    setExcepthook(null);
  }
  assert.match(written.join(''), 'the hook itself');
  assert.match(written.join(''), 'Exception in thread leg:');
  assert.match(written.join(''), 'caused by: TypeError: too short');
});

test('T13: what one thread sets on a local is missing in another, also in a worker that is used again', async () => {
  for (let n = 0; n < 5; n++) assert.is(await started(new Thread<number>({ target: tasks.countLocal })), 1);
  const mine = new local<{ n?: number }>();
  mine.n = 5;
  assert.is(await started(new Thread({ target: tasks.setLocal, args: [mine] })), undefined);
  assert.is(mine.n, 5);
});

test('a thread knows who it is', async () => {
  const thread = started(new Thread<ReturnType<typeof tasks.whoAmI>>({ target: tasks.whoAmI, name: 'Ada' }));
  const who = await thread;
  assert.equal(who, {
    name: 'Ada',
    ident: thread.ident,
    daemon: false,
    alive: true,
    main: 'MainThread',
    mainIdent: mainThread().ident,
    listed: ['MainThread', 'Ada'],
    active: 2,
  });
  assert.is(currentThread(), mainThread());
  assert.is(mainThread().name, 'MainThread');
});

test('default names count, and have the name of the target', () => {
  const [first, second] = [new Thread({ target: tasks.double, args: [1] }), new Thread()];
  assert.match(first.name, /^Thread-\d+ \(double\)$/);
  assert.match(second.name, /^Thread-\d+$/);
  second.name = 'other';
  assert.is(second.name, 'other');
});

test('its value can be waited for by many, in async code and in greenlets, before and after its end', async () => {
  const thread = started(new Thread<number>({ target: tasks.double, args: [21] }));
  const seen = await Promise.all([
    thread,
    thread.then((value) => value),
    inStrand('a greenlet', function* () {
      return yield* thread;
    }),
  ]);
  assert.equal(seen, [42, 42, 42]);
  assert.is(await thread, 42);
});

test('join gives up in time, and a greenlet that waits can be timed out', async () => {
  const event = new Event();
  const thread = started(new Thread({ target: tasks.waitFor, args: [event] }));
  assert.is(await thread.join({ timeout: 20 }), false);
  assert.is(await thread.join({ timeout: 0 }), false);
  const late = await inStrand('a greenlet', function* () {
    return yield* withTimeout(20, () => thread.join(), { value: 'late' });
  });
  assert.is(late, 'late');
  event.set();
  assert.is(await thread.join({ timeout: 5000 }), true);
});

test('without a target it does nothing, and ends', async () => {
  assert.is(await started(new Thread()), undefined);
});

test('run() called directly runs in this thread', () => {
  assert.is(new Thread({ target: tasks.double, args: [4] }).run(), 8);
});

test('a subclass runs in its thread, and its fields come back', async () => {
  const done = new Event();
  const thread = started(new tasks.Shout('to be', done));
  assert.is(await thread, true);
  assert.is(thread.result, 'TO BE');
  assert.equal(thread.words, ['to', 'be']);
  assert.equal(
    thread.counts,
    new Map([
      ['to', 2],
      ['be', 2],
    ]),
  );
  assert.is(thread.done, done);
  assert.is(done.isSet(), true);
  assert.instance(thread, tasks.Shout);
});

test('a subclass that was not registered says what to write', async () => {
  const error = await thrown(() => new tasks.Unregistered().start());
  assert.instance(error, TaskError);
  assert.match(error.message, 'register(import.meta, Unregistered)');
});

test('a target that is no task says what to write', async () => {
  const error = await thrown(() => new Thread({ target: function hello() {} }));
  assert.match(error.message, "export const hello = task(import.meta, 'hello'");
});

test('bad options are refused before anything is done', () => {
  const refused = (options: unknown, pattern: RegExp): void =>
    assert.throws(
      () => new Thread(options as never),
      (error: Error) => pattern.test(error.message),
    );
  refused(null, /Expected options for a Thread/);
  refused({ args: 1 }, /Expected an array as the args of a Thread, got 1/);
  refused({ name: 1 }, /Expected a string as the name of a Thread, got 1/);
  refused({ daemon: 1 }, /Expected true or false as the daemon of a Thread, got 1/);
  refused({ target: 1 }, /Expected a task as the target of Thread, got 1/);
});

test('a value that cannot be sent back is told with the path', async () => {
  const error = await thrown(async () => await started(new Thread({ target: tasks.unsendable })));
  assert.is(error.name, 'CloneError');
  assert.match(error.message, /^result\.list\[1\]: a function/);
});

test('an argument that cannot be sent is told with the path, and the thread has not started', async () => {
  const thread = new Thread({ target: tasks.double, args: [{ a: [() => 1] }] as never });
  const error = await thrown(() => thread.start());
  assert.match(error.message, /^args\[0\]\.a\[0\]: a function/);
  assert.is(thread.isAlive(), false);
});

test('exit code 0 ends it quietly, another one is an error with the code', async () => {
  const quiet = await hooked(async () => {
    assert.is(await started(new Thread({ target: tasks.exit, args: [0] })), undefined);
  });
  assert.is(quiet.length, 0);
  const error = await thrown(
    async () => await started(new Thread({ target: tasks.exit, args: [3], name: 'x' })),
  );
  assert.instance(error, RuntimeError);
  assert.is(error.message, 'thread x exited with code 3');
});

test('kill ends one that never waits; whoever waits for its value gets the GreenletExit', async () => {
  const begun = new Event();
  const thread = started(new Thread({ target: tasks.spin, args: [begun] }));
  await begun.wait();
  const told = await hooked(async () => {
    assert.is(await thread.kill('enough'), true);
  });
  assert.is(told.length, 0);
  assert.is(thread.isAlive(), false);
  const error = await thrown(async () => await thread);
  assert.instance(error, GreenletExit);
  assert.match(error.message, 'enough');
});

test('a kill with a grace time lets it stop by itself', async () => {
  const begun = new Event();
  const log = new Queue<string>();
  const polite = started(new Thread({ target: tasks.cleanUp, args: [begun, log] }));
  await begun.wait();
  await polite.kill('please', { grace: 10_000 });
  assert.is(await log.get({ timeout: 0 }), 'cleaned up');
  const again = new Event();
  const spinning = started(new Thread({ target: tasks.spinPolitely, args: [again] }));
  await again.wait();
  assert.is(await spinning.kill('please', { grace: 10_000 }), true);
});

for (const how of ['exit', 'throw', 'return'] as const) {
  test(`a lock held by a thread that ended by ${how} goes to the next, who is told`, async () => {
    const lock = new Lock();
    const held = new Event();
    await hooked(() =>
      Promise.resolve(started(new Thread({ target: tasks.hold, args: [lock, how, held] })).join()),
    );
    assert.is(await lock.acquire({ timeout: 5000 }), true);
    assert.is(lock.abandoned, true);
    lock.release();
    assert.is(await lock.acquire(), true);
    assert.is(lock.abandoned, false);
    lock.release();
  });
}

test('a lock held by a thread that is killed goes to the one who waits', async () => {
  const lock = new Lock();
  const held = new Event();
  const thread = started(new Thread({ target: tasks.hold, args: [lock, 'spin', held] }));
  await held.wait();
  const acquired = lock.acquire().then((got) => got);
  await thread.kill();
  assert.is(await acquired, true);
  assert.is(lock.abandoned, true);
  lock.release();
});

test('a thread may start another, which outlives it', async () => {
  const done = new Event();
  assert.is(await started(new Thread({ target: tasks.startChild, args: [done, false] })), 'parent has ended');
  assert.is(done.isSet(), false);
  assert.is(await done.wait({ timeout: 10_000 }), true);
});

test('a worker is used again: two hundred threads one after the other, with idents of their own', async () => {
  const idents = new Set<number | null>();
  const workers = new Set<number | null>();
  for (let n = 0; n < 200; n++) {
    const thread = started(new Thread<number>({ target: tasks.double, args: [n] }));
    assert.is(await thread, n * 2);
    idents.add(thread.ident);
    workers.add(thread.nativeId);
  }
  assert.is(idents.size, 200);
  assert.ok(workers.size < 5, `${workers.size} workers`);
});

test('many at a time', { timeout: 60_000 }, async () => {
  const event = new Event();
  const threads = Array.from({ length: 10 }, () =>
    started(new Thread<boolean>({ target: tasks.waitFor, args: [event] })),
  );
  event.set();
  assert.equal(
    await Promise.all(threads),
    Array.from({ length: 10 }, () => true),
  );
});

test('a heap limit ends a thread of its own with the reason', async () => {
  const thread = started(
    new Thread({ target: tasks.double, args: [2], resourceLimits: { maxOldGenerationSizeMb: 32 } }),
  );
  assert.is(await thread, 4);
});

test.run();
