import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { call, type Coroutine, getcurrent, Greenlet, GreenletError, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('misuse');

/** The warnings about greenlets that are emitted while `action` runs. */
async function warnings(action: () => void): Promise<string[]> {
  const texts: string[] = [];
  const listener = (warning: Error): void => {
    if (warning.name === 'GreenletWarning') texts.push(warning.message);
  };
  process.on('warning', listener);
  action();
  // process.emitWarning tells its listeners in the next tick.
  await new Promise<void>((resolve) => void setImmediate(resolve));
  process.off('warning', listener);
  return texts;
}

function named(name: string, body: (...args: any[]) => any): Greenlet {
  const greenlet = new Greenlet(body);
  greenlet.name = name;
  return greenlet;
}

/** The error that a bare `yield` of `value` is answered with. */
function yielded(value: unknown): GreenletError {
  const g = named('g', function* (): Generator<unknown, unknown> {
    try {
      yield value;
    } catch (error) {
      return error;
    }
    return 'no error';
  });
  const error = run(g.switch()) as GreenletError;
  assert.instance(error, GreenletError);
  return error;
}

test('yield of something that is not to be waited for', () => {
  const cases: [unknown, string][] = [
    [5, '5'],
    [undefined, 'undefined'],
    [null, 'null'],
    ['text', '"text"'],
    [10n, '10n'],
    [[1, 2], 'an array of 2'],
    [{}, 'an object'],
    [new Map(), 'a Map'],
    [new Error('x'), 'an Error'],
    [Object.create(null), 'an object'],
    [(): number => 5, 'a function'],
    [Symbol('s'), 'Symbol(s)'],
    [new Greenlet(() => 0), 'a Greenlet'],
  ];
  for (const [value, shown] of cases) {
    assert.is(
      yielded(value).message,
      `greenlet g yielded ${shown}: only yield* of a waitable suspends a greenlet`,
    );
  }
});

test('yield of a promise names until, yield of a waitable names the star', () => {
  assert.is(yielded(Promise.resolve()).message, 'greenlet g yielded a Promise: write yield* until(promise)');
  class Nap {
    then(): void {}
    [Symbol.iterator](): Iterator<never> {
      return [][Symbol.iterator]();
    }
  }
  assert.is(
    yielded(new Nap()).message,
    'greenlet g yielded a Nap: a star is missing: write yield* instead of yield',
  );
});

test('the error of a bad yield is thrown right there, also inside of a call', () => {
  function* inner(): Generator<any, unknown> {
    try {
      yield 1;
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  }
  const g = named('g', function* () {
    return yield* call(inner() as Coroutine<unknown>);
  });
  assert.is(run(g.switch()), 'greenlet g yielded 1: only yield* of a waitable suspends a greenlet');
});

test('yield* of a list: the language hides our error, which is found as the cause', () => {
  const g = named('g', function* (): Generator<unknown, void> {
    yield* [1, 2];
  });
  try {
    run(g.switch());
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TypeError);
    assert.is(
      ((error as Error).cause as Error).message,
      'greenlet g yielded 1: only yield* of a waitable suspends a greenlet',
    );
  }
});

test('yield* of a switch outside of a greenlet', () => {
  const g = new Greenlet(() => 0);
  assert.throws(
    () => [...(g.switch() as Iterable<unknown>)],
    (error: Error) => {
      assert.instance(error, GreenletError);
      assert.is(error.message, 'yield* outside of a greenlet: in plain code write run(greenlet.switch(...))');
      return true;
    },
  );
  assert.is(g.dead, false);
});

test('a switch that nobody makes is reported with the name of the greenlet that forgot it', async () => {
  const other = new Greenlet(() => 0);
  const g = named('forgetful', function* () {
    other.switch();
    yield* main.switch();
    other.switch(1);
    other.throw();
  });
  assert.equal(await warnings(() => run(g.switch())), [
    'greenlet forgetful made a switch and did nothing with the result, so control did not move: write yield* ' +
      'greenlet.switch(...), or run(greenlet.switch(...)) in plain code',
  ]);
  assert.equal(await warnings(() => run(g.switch())), [
    'greenlet forgetful made 2 switches and did nothing with the result, so control did not move: write yield* ' +
      'greenlet.switch(...), or run(greenlet.switch(...)) in plain code',
  ]);
  assert.is(other.active, false);
});

test('one that is forgotten in plain code is reported at the next run', async () => {
  const g = new Greenlet(function* () {
    yield* main.switch();
  });
  const texts = await warnings(() => {
    g.switch();
    run(g.switch());
  });
  assert.is(texts.length, 1);
  assert.match(String(texts[0]), /^greenlet main made a switch /);
  assert.equal(await warnings(() => run(g.switch())), []);
});

test('one that is forgotten below a nested run is not blamed on others', async () => {
  const texts = await warnings(() => {
    const outer = named('outer', function* () {
      const inner = named('inner', function* () {
        yield* outer.switch();
      });
      [0].forEach(() => run(inner.switch()));
      outer.switch();
      [0].forEach(() => run(inner.switch()));
      yield* main.switch();
    });
    run(outer.switch());
  });
  assert.is(texts.length, 1);
  assert.match(String(texts[0]), /^greenlet outer made a switch /);
});

test('switches that are made are not reported, however they are made', async () => {
  const texts = await warnings(() => {
    const g = named('busy', function* (): Generator<any, void> {
      yield* main.switch();
      yield* call(
        (function* (): Coroutine {
          yield* main.switch();
        })(),
      );
      // Without the star it has no type; it is a switch all the same.
      yield main.switch('by yield');
      run(new Greenlet(() => 0, getcurrent()).switch());
      try {
        yield* main.throw(new Error('x'));
      } catch {}
    });
    run(g.switch());
    run(g.switch());
    assert.is(run(g.switch()), 'by yield');
    try {
      run(g.switch());
    } catch {}
    run(g.switch());
    using _ = new Greenlet(() => 0);
  });
  assert.equal(texts, []);
});

test.run();
