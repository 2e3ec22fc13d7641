import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { currentTask, inline, RuntimeError, task, TaskError } from '../src/index.ts';
import { CHUNK, type ChunkResult, decodeError, TELL } from '../src/core.ts';
import { endFresh, failure, fresh, Host, type Kind, kinds, TestCall } from './support.ts';
import * as tasks from './tasks.ts';

const outer = 5;
let hidden: ((x: number) => number) | undefined;

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  const timeout = 20_000;
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after.each(endFresh);
  test.after(() => host.end());

  test(
    'plain, async and generator tasks, and such as return what can be waited for',
    { timeout },
    async () => {
      const calls = [tasks.add, tasks.addLater, tasks.addYielding].map((target) => host.run(target, 20, 22));
      assert.equal(await Promise.all(calls), [42, 42, 42]);
      assert.is(await host.run(tasks.napping, 1), undefined);
      const { pid, isMainThread, main } = (await host.run(tasks.where)) as Record<string, unknown>;
      assert.is(pid === process.pid, kind === 'thread');
      assert.is(isMainThread, kind === 'process');
      assert.is(main, false);
    },
  );

  test('a task that is called directly works as ever', () => {
    assert.is(tasks.add(1, 2), 3);
    assert.is(currentTask().name, 'none');
    assert.is(currentTask().cancelled, false);
  });

  test('inline tasks', { timeout }, async () => {
    for (let factor = 1; factor < 4; factor++) {
      assert.is(
        await host.run(
          inline((x: number, by: number) => x * by),
          21,
          factor,
        ),
        21 * factor,
      );
    }
    assert.is(
      await host.run(
        inline(async (x: number) => {
          const inner = async (y: number): Promise<number> => y + 1;
          return inner(x);
        }),
        1,
      ),
      2,
    );
    for (const fn of [
      inline(() => outer),
      inline(async () => outer),
      inline(function* () {
        yield* [];
        return outer;
      }),
    ]) {
      const error = await failure(host.run(fn));
      assert.instance(error, TaskError);
      assert.match(error.message, "uses 'outer' from outside of its own body: pass it as an argument");
    }
    assert.match((await failure(host.run(inline(() => null!['x'])))).name, 'TypeError');
  });

  test('a task that its module does not have is told so', { timeout }, async () => {
    // Made inside of a function, which nobody has called over there.
    hidden ??= tasks.makeHidden();
    const error = await failure(host.run(hidden, 1));
    assert.instance(error, TaskError);
    assert.match(error.message, "to find the task 'inner', but defines only add, addLater");
    assert.match(error.message, 'at the top level of its module, not inside of a function');
    const nowhere = task(new URL('./nowhere.ts', import.meta.url), `nowhere in ${kind}`, () => 1);
    assert.match((await failure(host.run(nowhere))).message, /Cannot find module.*nowhere/);
    assert.throws(
      () => host.run(() => 1),
      /needs a function that another thread or process can find by name/,
    );
    assert.is(await host.run(tasks.add, 1, 2), 3);
  });

  test('a module that has two tasks of one name is told so', { timeout }, async () => {
    const other = fresh(kind, { env: { ...process.env, TWO_OF_ONE_NAME: '1' } });
    const { pick } = await import('./two-of-one-name.ts');
    const error = await failure(other.run(pick));
    assert.instance(error, TaskError);
    assert.match(error.message, /two-of-one-name\.ts defines two tasks of the name 'pick'/);
    assert.is(await other.run(tasks.add, 1, 2), 3);
  });

  test('currentTask has the name in plain, async and generator tasks', { timeout }, async () => {
    assert.equal(await host.run(tasks.nameOfTask), ['nameOfTask', 'nameOfTask']);
    assert.equal(await host.push(new TestCall(tasks.nameOfTask, [], 0, 'mine')), ['mine', 'mine']);
  });

  test('more calls than a worker can have are refused, and none is lost', { timeout }, async () => {
    const calls = Array.from({ length: 32 }, (_, at) => host.run(tasks.add, at, 1));
    assert.throws(() => host.run(tasks.add, 1, 2), /32 calls at a time/);
    assert.equal(
      await Promise.all(calls),
      Array.from({ length: 32 }, (_, at) => at + 1),
    );
    for (let round = 0; round < 10; round++) {
      const again = Array.from({ length: 32 }, (_, at) => host.run(tasks.add, at, round));
      assert.equal(
        await Promise.all(again),
        Array.from({ length: 32 }, (_, at) => at + round),
      );
    }
  });

  test('TELL tells when it starts', { timeout }, async () => {
    const call = host.push(new TestCall(tasks.untilAborted, [], TELL));
    await Promise.all([call.begins, call.news()]);
    host.peer.cancel(call, new Error('x'));
    await call;
  });

  test('CHUNK gives the values up to the first error', { timeout }, async () => {
    const double = inline((x: number) => x * 2);
    assert.equal(await host.push(new TestCall(double, [1, 2, 3], CHUNK)), [[2, 4, 6]]);
    const later = inline(async (x: number) => x * 2);
    assert.equal(await host.push(new TestCall(later, [1, 2, 3], CHUNK)), [[2, 4, 6]]);
    const odd = inline((x: number) => {
      if (x === 2) throw new RangeError('two');
      return x;
    });
    const [values, error] = (await host.push(new TestCall(odd, [1, 2, 3], CHUNK))) as ChunkResult;
    assert.equal(values, [1]);
    assert.instance(decodeError(error as never), RangeError);
  });

  test('events come with the objects that they hold, before the result', { timeout }, async () => {
    const call = host.run(tasks.report, 3);
    assert.is(await call, 'done');
    const seen = call.events as { step: number; box: { twice(): unknown } }[];
    assert.equal(
      seen.map(({ step, box }) => [step, box.twice()]),
      [0, 1, 2].map((step) => [step, [step, step]]),
    );
  });

  test('calls to a worker that has ended are refused', { timeout }, async () => {
    const other = fresh(kind);
    await other.run(tasks.add, 1, 2);
    other.peer.stop();
    const { code, error } = await other.exited;
    assert.equal([code, error], [0, undefined]);
    assert.throws(
      () => other.run(tasks.add, 1, 2),
      (caught: unknown) => caught instanceof RuntimeError,
    );
  });
  test.run();
}
