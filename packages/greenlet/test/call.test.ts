import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { call, type Coroutine, getcurrent, Greenlet, GreenletExit, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('call');

test('gives what the nested coroutine returns', () => {
  function* add(a: number, b: number): Coroutine<number> {
    return a + b;
  }
  const g = new Greenlet(function* () {
    const one: number = yield* call(add(0, 1));
    return one + (yield* call(add(one, 1)));
  });
  assert.is(run(g.switch()), 3);
});

test('the nested coroutine suspends the greenlet', () => {
  function* ask(question: string): Coroutine<string> {
    return `${question} ${yield* main.switch(question)}`;
  }
  const g = new Greenlet(function* () {
    return [yield* call(ask('a?')), yield* call(ask('b?'))];
  });
  assert.is(run(g.switch()), 'a?');
  assert.is(run(g.switch(1)), 'b?');
  assert.equal(run(g.switch(2)), ['a? 1', 'b? 2']);
});

test('a recursion of 10,000 levels neither overflows nor slows down its resumes', () => {
  function* down(level: number): Coroutine<number> {
    if (level === 0) return (yield* main.switch('at the bottom')) as number;
    return 1 + (yield* call(down(level - 1)));
  }
  const g = new Greenlet(() => down(10_000));
  assert.is(run(g.switch()), 'at the bottom');
  assert.is(run(g.switch(5)), 10_005);

  function* loop(level: number): Coroutine<void> {
    if (level > 0) return yield* call(loop(level - 1));
    for (;;) yield* main.switch();
  }
  // With plain yield* this many resumes at this depth would take minutes.
  const looping = new Greenlet(() => loop(10_000));
  for (let i = 0; i < 20_000; i++) run(looping.switch());
  assert.instance(run(looping.throw()), GreenletExit);
});

test('an error goes out through the call frames, and any of them may catch it', () => {
  const log: string[] = [];
  function* fail(level: number): Coroutine<string> {
    try {
      if (level === 0) throw new RangeError('deep');
      return yield* call(fail(level - 1));
    } catch (error) {
      log.push(`level ${level}`);
      if (level === 2) return `caught at 2: ${(error as Error).message}`;
      throw error;
    }
  }
  assert.is(run(new Greenlet(() => fail(3)).switch()), 'caught at 2: deep');
  assert.equal(log, ['level 0', 'level 1', 'level 2']);
  assert.throws(() => run(new Greenlet(() => fail(1)).switch()), /^deep$/);
});

test('a kill goes out through the call frames; a finally may switch, and the outer frames do not go on', () => {
  const log: unknown[] = [];
  function* level(n: number): Coroutine<void> {
    try {
      if (n === 0) yield* main.switch('parked');
      else yield* call(level(n - 1));
      log.push(`went on at ${n}`);
    } finally {
      log.push(`cleanup ${n} ${yield* main.switch(n)}`);
    }
  }
  const g = new Greenlet(() => level(2));
  assert.is(run(g.switch()), 'parked');
  assert.is(run(g.throw()), 0);
  assert.is(run(g.switch('x')), 1);
  assert.is(run(g.switch('y')), 2);
  assert.instance(run(g.switch('z')), GreenletExit);
  assert.equal(log, ['cleanup 0 x', 'cleanup 1 y', 'cleanup 2 z']);
});

test('an error is thrown in right at the innermost frame', () => {
  function* inner(): Coroutine<string> {
    try {
      yield* main.switch();
    } catch (error) {
      return `inner caught ${(error as Error).message}`;
    }
    return 'nothing';
  }
  const g = new Greenlet(function* () {
    try {
      return yield* call(inner());
    } catch {
      return 'outer caught it';
    }
  });
  run(g.switch());
  assert.is(run(g.throw(new Error('here'))), 'inner caught here');
});

test('plain yield* and call mix in any order', () => {
  function* leaf(): Coroutine<string> {
    return `leaf(${yield* main.switch('leaf')})`;
  }
  function* byStar(): Coroutine<string> {
    return `star(${yield* call(leaf())})`;
  }
  function* byCall(): Coroutine<string> {
    return `call(${yield* byStar()})`;
  }
  const g = new Greenlet(function* () {
    return `${yield* call(byCall())} ${yield* leaf()}`;
  });
  assert.is(run(g.switch()), 'leaf');
  assert.is(run(g.switch(1)), 'leaf');
  assert.is(run(g.switch(2)), 'call(star(leaf(1))) leaf(2)');
});

test('a body may return a call', () => {
  function* inner(): Coroutine<number> {
    return ((yield* main.switch(1)) as number) + 1;
  }
  const g = new Greenlet(() => call(inner()) as never);
  assert.is(run(g.switch()), 1);
  assert.is(run(g.switch(41)), 42);
});

test('each greenlet has frames of its own', () => {
  function* work(name: string, n: number): Coroutine<string> {
    if (n > 0) return yield* call(work(name, n - 1));
    return `${name} ${yield* main.switch(name)}`;
  }
  const a = new Greenlet(() => work('a', 3));
  const b = new Greenlet(() => work('b', 5));
  assert.is(run(a.switch()), 'a');
  assert.is(run(b.switch()), 'b');
  assert.is(run(a.switch(1)), 'a 1');
  assert.is(run(b.switch(2)), 'b 2');
});

test('a nested run inside of a call frame', () => {
  function* inner(): Coroutine<string> {
    const helper = new Greenlet(() => 'helped');
    return run(helper.switch<string>());
  }
  const g = new Greenlet(function* () {
    return yield* call(inner());
  });
  assert.is(run(g.switch()), 'helped');
});

test('only a coroutine can be called', () => {
  function* body(): Coroutine {}
  for (const [wrong, shown] of [
    [body, 'function body'],
    [undefined, 'undefined'],
    [[], 'an array of 0'],
    [Promise.resolve(), 'a Promise'],
  ] as const) {
    assert.throws(
      () => call(wrong as never),
      (error: Error) => {
        assert.instance(error, TypeError);
        assert.is(error.message, `Expected a coroutine for call, as in call(body()), got ${shown}`);
        return true;
      },
    );
  }
});

test.run();
