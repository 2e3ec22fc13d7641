/** What has to compile, and what has not: `tsc` is the judge, running it is a formality. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  call,
  type Coroutine,
  getcurrent,
  Greenlet,
  GreenletExit,
  run,
  settrace,
  type Suspension,
  type Switch,
  type Tracer,
} from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('types');

/** Says that two types are the same; assignable both ways is not enough with `any` about. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_verdict: Same<A, B>): void => {};

test('a greenlet knows the arguments and the result of its body', () => {
  const g = new Greenlet(function* (_x: number, _y: string) {
    yield* main.switch();
    return true;
  });
  same<typeof g, Greenlet<[_x: number, _y: string], boolean>>(true);
  const plain = new Greenlet((x: number) => `${x}`);
  same<typeof plain, Greenlet<[x: number], string>>(true);
  const any: Greenlet = g;
  const unknown: Greenlet<any[], unknown> = plain;
  assert.ok(any instanceof Greenlet && unknown instanceof Greenlet);
});

test('a switch has the type that is asked for', () => {
  function* body(): Coroutine<void> {
    const unknown = yield* main.switch(1);
    same<typeof unknown, unknown>(true);
    const text = yield* main.switch<string>('x');
    same<typeof text, string>(true);
    const thrown = yield* main.throw<number>();
    same<typeof thrown, number>(true);
  }
  const g = new Greenlet(body);
  const one: Switch = g.switch();
  const number: Switch<number> = g.switch<number>();
  // @ts-expect-error a number is no string
  const text: Switch<string> = number;
  void [one, text];
  run<unknown>(g.switch());
  run(g.switch());
  g[Symbol.dispose]();
});

test('a coroutine is what a function* returns that waits', () => {
  function* add(a: number, b: number): Coroutine<number> {
    yield* main.switch();
    return a + b;
  }
  function* outer(): Coroutine<string> {
    const sum = yield* add(1, 2);
    same<typeof sum, number>(true);
    const called = yield* call(add(1, 2));
    same<typeof called, number>(true);
    return `${sum + called}`;
  }
  const inferred = function* () {
    return yield* add(1, 2);
  };
  same<ReturnType<typeof inferred>, Generator<Suspension, number, unknown>>(true);
  const g = new Greenlet(outer);
  same<typeof g, Greenlet<[], string>>(true);
  assert.type(add, 'function');
});

test('a body that yields something else does not compile', () => {
  function* wrong(): Generator<number, void> {
    yield 5;
  }
  // @ts-expect-error a generator of numbers is no coroutine
  call(wrong());
  function* star(): Coroutine<void> {
    // @ts-expect-error a promise cannot be yielded from: until() does that
    yield* Promise.resolve(5);
  }
  function* bare(): Coroutine<void> {
    // @ts-expect-error a number suspends nothing
    yield 5;
  }
  assert.equal([star.length, bare.length], [0, 0]);
});

test('parents, tracers and errors', () => {
  const g = new Greenlet(() => 0);
  const parent: Greenlet | null = g.parent;
  g.parent = main;
  const tracer: Tracer = (event, origin, target) => {
    same<typeof event, 'switch' | 'throw'>(true);
    void [origin.name, target.name];
  };
  const before: Tracer | null = settrace(tracer);
  settrace(before);
  const exit: Error = new GreenletExit('x');
  assert.ok(parent === main && exit instanceof Error);
  // @ts-expect-error read only
  assert.throws(() => (g.dead = true));
  // @ts-expect-error a parent is a greenlet
  assert.throws(() => new Greenlet(() => 0, 5));
});

test.run();
