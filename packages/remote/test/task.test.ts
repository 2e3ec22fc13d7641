import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { inline, register, task, TaskError } from '../src/index.ts';
import { referenceOf, requireReference } from '../src/core.ts';
import { resolve } from '../src/load.ts';

const test = suite('task');
const here = import.meta.url;

function thrown(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('a task is the function itself, with a reference', () => {
  const fn = (x: number): number => x * 2;
  const made = task(import.meta, 'double', fn);
  assert.is(made, fn);
  assert.is(made(21), 42);
  assert.equal(referenceOf(made), { url: here, name: 'double' });
});

test('a function without a name has that of its task', () => {
  assert.is(
    task(
      import.meta,
      'christened',
      (
        () => () =>
          1
      )(),
    ).name,
    'christened',
  );
});

test('the home may also be a URL or a path', () => {
  assert.is(referenceOf(task(new URL('file:///a/b.js'), 'one', () => 1))?.url, 'file:///a/b.js');
  assert.is(referenceOf(task('file:///a/../a/b.js', 'two', () => 1))?.url, 'file:///a/b.js');
  assert.is(referenceOf(task('/a/b.js', 'three', () => 1))?.url, 'file:///a/b.js');
});

test('two tasks of one name are refused, with what may have happened', () => {
  task(import.meta, 'taken', () => 1);
  const error = thrown(() => task(import.meta, 'taken', () => 2));
  assert.instance(error, TaskError);
  assert.match(error.message, `${here} defines two tasks of the name 'taken'`);
  assert.match(error.message, 'inside of a function');
  assert.match(error.message, 'bundler');
});

test('a function has one name only', () => {
  const fn = task(import.meta, 'firstName', () => 1);
  assert.is(task(import.meta, 'firstName', fn), fn);
  assert.match(thrown(() => task(import.meta, 'secondName', fn)).message, "known as 'firstName'");
});

test('wrong arguments are named', () => {
  assert.match(
    thrown(() => task(import.meta, 'x', 5 as never)).message,
    /Expected a function as the third.*5/,
  );
  assert.match(thrown(() => task(import.meta, '', () => 1)).message, /name of the export/);
  assert.match(
    thrown(() => task(undefined as never, 'x', () => 1)).message,
    /import\.meta as the first.*undefined/,
  );
  assert.match(thrown(() => register(import.meta, {} as never)).message, /Expected a class/);
  assert.match(thrown(() => register(import.meta, class {})).message, /name of the export/);
  assert.match(thrown(() => inline('x' as never)).message, /Expected a function/);
});

test('a module that nobody else can import has no tasks', () => {
  for (const url of ['file:///home/[eval1]', '[eval]', 'node:internal', 'data:text/javascript,1', 'REPL1']) {
    assert.match(thrown(() => task(url, 'x', () => 1)).message, 'needs a module in a file', url);
  }
});

test('what is no task is refused with the line to write', () => {
  const error = thrown(() => requireReference('submit', async function hello() {}));
  assert.instance(error, TaskError);
  assert.match(error.message, "export const hello = task(import.meta, 'hello', async (...) => { ... });");
  assert.match(thrown(() => requireReference('submit', function* () {})).message, 'function* (...) { ... }');
  assert.match(
    thrown(() => requireReference('submit', 5)).message,
    /Expected a task as the target of submit, got 5/,
  );
  assert.match(
    thrown(() => requireReference('submit', (function* () {})())).message,
    'pass the function and its arguments apart',
  );
});

test('inline takes plain, async and generator functions, any number of the same source', () => {
  const make = (): ((x: number) => number) => inline((x: number) => x * 2);
  assert.is(make()(2), 4);
  const [one, two] = [make(), make()];
  assert.is.not(one, two);
  assert.equal(referenceOf(one), referenceOf(two));
  inline(async (x: number) => x);
  inline(function* () {});
  const { method } = {
    method(): number {
      return 1;
    },
  };
  assert.throws(() => inline(method), /cannot be sent as its source text/);
});

test('inline refuses what has no source', () => {
  for (const fn of [Math.max, (() => 1).bind(null), parseInt]) {
    const error = thrown(() => inline(fn as never));
    assert.instance(error, TaskError);
    assert.match(error.message, 'cannot be sent as its source text: write inline(');
  }
});

test('a name that a module does not define is told with those that it does', () => {
  task('file:///only.js', 'one', () => 1);
  const error = thrown(() => resolve('file:///only.js', 'two'));
  assert.match(
    error.message,
    "to find the task 'two', but defines only one: a task has to be made at the top level",
  );
  assert.match(thrown(() => resolve('file:///none.js', 'two')).message, 'defines no task');
});

test.run();
