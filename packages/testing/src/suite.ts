/** uvu's `suite` and `test`, called as ever, with a deadline, leak checks and named verdicts around every test. */
import { suite as uvuSuite } from 'uvu';
import { withDeadline } from './deadline.ts';
import { describe } from './failure.ts';
import { includesTest, registerSuite } from './registry.ts';
import { send } from './report.ts';
import { Skipped, beginTest, currentTest, defaultTimeout, type TestOptions } from './test-run.ts';

/** What a body and a hook receive: the suite's context, and the names uvu adds to it. */
export type Context<T> = T & { __suite__: string; __test__: string };

/** A plain, async or generator function; a generator is run as a greenlet. */
export type Body<T> = (context: Context<T>) => unknown;

export interface Hook<T> {
  (hook: Body<T>): void;
  each(hook: Body<T>): void;
}

export interface Suite<T> {
  (name: string, body: Body<T>): void;
  (name: string, options: TestOptions, body: Body<T>): void;
  only(name: string, body: Body<T>): void;
  only(name: string, options: TestOptions, body: Body<T>): void;
  skip(name: string, body?: Body<T>): void;
  before: Hook<T>;
  after: Hook<T>;
  run(): void;
}

/** A named group of tests. Nothing runs unless its `run()` is called. */
export function suite<T = Record<string, unknown>>(title = '', context: T = {} as T): Suite<T> {
  const inner = uvuSuite(title, context as Record<string, unknown>);
  const entry = registerSuite(title);
  const fullName = (name: string): string => (title === '' ? name : `${title} > ${name}`);

  function add(kind: 'all' | 'only', name: string, ...rest: [Body<T>] | [TestOptions, Body<T>]): void {
    const body = rest.length === 1 ? rest[0] : rest[1];
    const options = rest.length === 1 ? {} : rest[0];
    if (typeof body !== 'function')
      throw new TypeError(`Expected the body of test "${name}" to be a function`);
    entry.registered++;
    if (!includesTest(fullName(name))) return;
    if (kind === 'only' && process.env['CI'] === 'true') {
      send({ type: 'file', failure: { message: `test.only("${name}") hides the other tests: remove it` } });
    }
    const handler = async (state: unknown): Promise<void> => {
      const run = currentTest();
      // A failed hook has said so already.
      if (run === null || run.failed) return;
      await run.body(options, () => body(state as Context<T>), isGeneratorFunction(body));
      // So that uvu's own line of dots shows the failure too; ours is the report that counts.
      if (run.failed) throw new Error('failed');
    };
    if (kind === 'only') inner.only(name, handler);
    else inner(name, handler);
  }

  // uvu swallows what a hook throws (an error in `before` even hides every test), so none of them lets anything out.
  const around =
    (kind: string, hook: Body<T>) =>
    async (state: unknown): Promise<void> => {
      try {
        await withDeadline(defaultTimeout, () => hook(state as Context<T>));
      } catch (error) {
        send({ type: 'file', failure: describe(error, `${kind} hook of suite "${title}": `) });
        if (kind === 'before') throw error;
      }
    };
  const each =
    (kind: string, hook: Body<T>) =>
    async (state: unknown): Promise<void> => {
      const run = currentTest();
      if (run !== null) await run.hook(kind, () => hook(state as Context<T>));
    };

  inner.before.each((state) => beginTest(fullName(state.__test__)));

  const before: Hook<T> = Object.assign((hook: Body<T>) => inner.before(around('before', hook)), {
    each: (hook: Body<T>) => inner.before.each(each('before.each', hook)),
  });
  const after: Hook<T> = Object.assign((hook: Body<T>) => inner.after(around('after', hook)), {
    each: (hook: Body<T>) => inner.after.each(each('after.each', hook)),
  });

  return Object.assign(
    (name: string, ...rest: [Body<T>] | [TestOptions, Body<T>]): void => add('all', name, ...rest),
    {
      only: (name: string, ...rest: [Body<T>] | [TestOptions, Body<T>]): void => add('only', name, ...rest),
      skip: (name: string): void => add('all', name, () => skip('test.skip')),
      before,
      after,
      run(): void {
        entry.started = true;
        // Last of all `after.each` hooks: what they close is not a leak.
        inner.after.each(() => currentTest()?.end());
        inner.run();
      },
    },
  );
}

/** The unnamed suite of the file. */
export const test: Suite<Record<string, unknown>> = suite();

/** Leaves the running test: printed as `SKIPPED: name: reason`, and a failure where `CI=true`. */
export function skip(reason: string): never {
  throw new Skipped(reason);
}

/** Says that `count` greenlets are going to fail in this test with nobody observing them (`true`: any number). */
export function expectGreenletErrors(count: number | true): void {
  const run = currentTest();
  if (run === null) throw new Error('expectGreenletErrors() is called inside a test');
  run.expectGreenletErrors(count);
}

function isGeneratorFunction(body: unknown): boolean {
  return Object.prototype.toString.call(body) === '[object GeneratorFunction]';
}
