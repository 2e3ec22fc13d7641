import { race } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { CloneError, RuntimeError, TaskError } from '@switchyard/remote';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { activeChildren, currentProcess, parentProcess } from '../src/current-process.ts';
import { Process } from '../src/process.ts';
import { ProcessError } from '../src/process-error.ts';
import * as tasks from './process-tasks.ts';

const test = suite('process');
const timeout = 30_000;

function started<X extends Process<unknown, any>>(process: X): X {
  process.start();
  return process;
}

async function thrown(body: () => unknown): Promise<Error> {
  try {
    await body();
  } catch (error) {
    return error as Error;
  }
  throw new assert.Assertion({ message: 'nothing was thrown' } as never);
}

/** What is written to stderr meanwhile. */
async function written(body: () => Promise<unknown>): Promise<string> {
  const texts: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = ((text: string) => texts.push(text) > 0) as never;
  try {
    await body();
  } finally {
    process.stderr.write = write;
  }
  return texts.join('');
}

test('M01: before its start, while it runs and after its end', { timeout }, async () => {
  const child = new Process({
    target: tasks.add,
    args: [1, 2],
    kwargs: { times: 10 },
    name: 'adder',
    daemon: true,
  });
  assert.equal([child.isAlive(), child.pid, child.ident, child.exitcode], [false, null, null, null]);
  assert.equal([child.name, child.daemon], ['adder', true]);
  assert.equal(child.authkey, currentProcess().authkey);
  assert.not.ok(activeChildren().includes(child as Process));
  child.start();
  assert.equal([child.isAlive(), child.exitcode], [true, null]);
  assert.type(child.pid, 'number');
  assert.is(child.ident, child.pid);
  assert.ok(activeChildren().includes(child as Process));
  assert.is(await child, 30);
  assert.equal([child.isAlive(), child.exitcode], [false, 0]);
  assert.not.ok(activeChildren().includes(child as Process));
  assert.is(await child.join(), true);
  assert.is(await child.join({ timeout: 0 }), true);
  assert.instance(await thrown(() => child.start()), RuntimeError);
});

test('arguments arrive', { timeout }, async () => {
  const args = [1, 'two', { three: [3] }, new Map([[4, new Set([5])]]), new Date(6), undefined, null];
  assert.equal(await started(new Process({ target: tasks.give, args })), args);
});

test(
  'M02: terminate is -15, kill is -9; a join with no time to wait returns at once',
  { timeout },
  async () => {
    const [polite, rude] = [new Process({ target: tasks.wait }), new Process({ target: tasks.wait })];
    assert.instance(await thrown(() => polite.terminate()), RuntimeError);
    for (const child of [polite, rude]) child.start();
    assert.is(await polite.join({ timeout: 0 }), false);
    assert.is(await polite.join({ timeout: 1 }), false);
    polite.terminate();
    rude.kill();
    assert.equal(await Promise.all([polite.join(), rude.join()]), [true, true]);
    assert.equal([polite.exitcode, rude.exitcode], [-15, -9]);
    const error = (await thrown(async () => await polite)) as ProcessError;
    assert.instance(error, ProcessError);
    assert.equal([error.exitcode, error.signal], [-15, 'SIGTERM']);
    assert.match(error.message, /^process Process-\d+ was ended by SIGTERM$/);
    // Nothing happens.
    polite.terminate();
    rude.kill();
  },
);

test(
  'an error is printed with the name of the process, unless somebody waits for its value',
  { timeout },
  async () => {
    const [unseen, seen] = ['leg', 'arm'].map((name) => new Process({ target: tasks.fail, name }));
    let error!: RangeError & { code: string };
    const text = await written(async () => {
      for (const child of [unseen, seen]) child!.start();
      error = (await thrown(async () => await seen)) as typeof error;
      assert.is(await unseen!.join(), true);
    });
    assert.match(text, /^Process leg:\nRangeError: out of reach\n {4}at fail .*process-tasks\.ts/);
    assert.match(text, 'caused by: TypeError: too short');
    assert.not.match(text, 'arm');
    assert.instance(error, RangeError);
    assert.is(error.code, 'E_ARM');
    assert.equal([unseen!.exitcode, seen!.exitcode], [1, 1]);
  },
);

test('process.exit: the code; 0 is no error', { timeout }, async () => {
  const [zero, three] = [0, 3].map((code) => started(new Process({ target: tasks.exit, args: [code] })));
  assert.is(await zero, undefined);
  assert.is(zero!.exitcode, 0);
  const error = (await thrown(async () => await three)) as ProcessError;
  assert.instance(error, ProcessError);
  assert.equal([three!.exitcode, error.exitcode, error.signal], [3, 3, null]);
});

test('an error that nobody catches there ends it', { timeout }, async () => {
  const child = started(new Process({ target: tasks.throwLater, name: 'late' }));
  const text = await written(async () => assert.is(await child.join(), true));
  assert.match(text, /^Process late:\nRangeError: late/);
  assert.is(child.exitcode, 1);
});

test('a process knows who it and its parent are', { timeout }, async () => {
  const child = new Process({ target: tasks.whoAmI, name: 'Ada' });
  child.authkey = Buffer.from('0011', 'hex');
  child.start();
  assert.equal(await child, {
    name: 'Ada',
    pid: child.pid,
    real: child.pid,
    daemon: false,
    alive: true,
    exitcode: null,
    authkey: '0011',
    parent: 'MainProcess',
    parentPid: process.pid,
    parentAlive: true,
    parentJoined: false,
    children: 0,
    joined: 'RuntimeError: can only join a child of this process, not Ada',
  });
  assert.is(currentProcess().name, 'MainProcess');
  assert.is(currentProcess().pid, process.pid);
  assert.is(currentProcess().authkey.length, 32);
  assert.is(parentProcess(), null);
});

test('children have children, with names that tell', { timeout: 60_000 }, async () => {
  const child = started(new Process({ target: tasks.family, args: [2] }));
  const { name } = child;
  assert.match(name, /^Process-\d+$/);
  assert.equal(await child, [name, `${name}:1`, `${name}:1:1`]);
});

test('what is inherited comes before the task runs, and is handed on', { timeout: 60_000 }, async () => {
  tasks.setLegacy('a clock');
  assert.equal(await started(new Process({ target: tasks.heirs, args: [1] })), ['a clock', 'a clock']);
});

test('arguments are those of the target, for the compiler too', () => {
  // @ts-expect-error -- the first is a number
  const one = new Process({ target: tasks.add, args: ['1', 2] });
  // @ts-expect-error -- an option of another name
  const two = new Process({ target: tasks.add, args: [1, 2], kwargs: { time: 2 } });
  const three: Process<number> = new Process({ target: tasks.add, args: [1, 2], kwargs: { times: 2 } });
  assert.equal(
    [one, two, three].map((each) => each.isAlive()),
    [false, false, false],
  );
});

test('a daemon may not have children; what is left behind does not keep a process', { timeout }, async () => {
  const daemon = new Process({ target: tasks.startAsDaemon });
  daemon.daemon = true;
  daemon.start();
  assert.throws(
    () => (daemon.daemon = false),
    (error: Error) => error instanceof RuntimeError,
  );
  const left = started(new Process({ target: tasks.leave }));
  assert.match(await daemon, /^RuntimeError: Process-\d+ is a daemon, and daemons may not have children/);
  assert.is(await left, 'left');
});

test('close: not while it runs, and nothing can be done with it afterwards', { timeout }, async () => {
  const child = started(new Process({ target: tasks.give }));
  assert.instance(await thrown(() => child.close()), RuntimeError);
  await child.join();
  child.close();
  child.close();
  for (const use of [
    () => child.join(),
    () => child.start(),
    () => child.isAlive(),
    () => child.kill(),
    () => child.exitcode,
    () => child.pid,
    () => child.sentinel,
    async () => await child,
  ]) {
    const error = await thrown(use);
    assert.instance(error, RuntimeError);
    assert.match(error.message, 'is closed');
  }
});

test(
  'its sentinel can be waited for again and again, with others, and by greenlets',
  { timeout },
  async () => {
    const child = new Process({ target: tasks.give });
    const slow = started(new Process({ target: tasks.wait }));
    assert.instance(await thrown(() => child.sentinel), RuntimeError);
    child.start();
    const { sentinel } = child;
    assert.equal(await race({ child: sentinel, slow: slow.sentinel }), ['child', true]);
    const twice = await inStrand('a greenlet', function* () {
      return [yield* sentinel, yield* sentinel, yield* child];
    });
    assert.equal(twice, [true, true, []]);
    slow.kill();
    assert.equal(await Promise.all([slow.sentinel, slow.sentinel]), [true, true]);
  },
);

test('a subclass runs in its process, as itself; its fields there are its own', { timeout }, async () => {
  const child = started(new tasks.Shout('to be', { name: 'Hamlet' }));
  assert.is(await child, 'true Hamlet: TO BE');
  assert.equal(child.seen, []);
  assert.is(new Process({ target: tasks.give, args: [1] }).run() instanceof Array, true);
});

test('what cannot be sent is told with its path', { timeout }, async () => {
  const child = new Process({ target: tasks.give, args: [{ a: [() => 1] }] });
  let error = await thrown(() => child.start());
  assert.instance(error, CloneError);
  assert.match(error.message, /^args\[0\]\.a\[0\]: a function/);
  assert.is(child.isAlive(), false);
  const other = started(new Process({ target: tasks.unsendable }));
  error = await thrown(async () => await other);
  assert.instance(error, CloneError);
  assert.match(error.message, /^result\.list\[1\]: a function/);
  assert.is((error as CloneError).code, 'ERR_RESULT_CLONE');
  assert.is(other.exitcode, 1);
  error = await thrown(() => new Process({ target: tasks.give, args: [other] }).start());
  assert.match(error.message, 'cannot be sent to another one');
});

test('wrong use is refused before anything is done', async () => {
  const refused = async (options: unknown, pattern: RegExp): Promise<void> =>
    assert.match((await thrown(() => new Process(options as never))).message, pattern);
  await refused(null, /Expected options for a Process/);
  await refused({ args: 1 }, /Expected an array as the args of a Process, got 1/);
  await refused({ kwargs: [1] }, /Expected an object as the kwargs of a Process, as in { depth: 2 }, got/);
  await refused({ name: 1 }, /Expected a string as the name of a Process, got 1/);
  await refused({ daemon: 1 }, /Expected true or false as the daemon of a Process, got 1/);
  await refused({ target: 1 }, /Expected a task as the target of Process, got 1/);
  await refused({ target: function hello() {} }, /export const hello = task\(import\.meta, 'hello'/);
  const error = await thrown(() => new tasks.Unregistered().start());
  assert.instance(error, TaskError);
  assert.match(error.message, 'register(import.meta, Unregistered)');
  const idle = new Process({ target: tasks.give });
  for (const use of [() => idle.join(), () => idle.kill(), async () => await idle])
    assert.instance(await thrown(use), RuntimeError);
});

test('a program that cannot be started is an error, not a hang', { timeout }, async () => {
  const { execPath } = process;
  const child = new Process({ target: tasks.give });
  try {
    process.execPath = '/no/such/node';
    child.start();
  } finally {
    process.execPath = execPath;
  }
  assert.is(child.pid, null);
  const error = (await thrown(async () => await child)) as ProcessError;
  assert.instance(error, ProcessError);
  assert.match(error.message, 'could not be started');
  assert.is(child.exitcode, 1);
});

test.run();
