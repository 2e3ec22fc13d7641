import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, getcurrent, Greenlet, run } from '@switchyard/greenlet';

const test = suite('generators built on greenlets');

type Emit<T> = (value: T) => Coroutine<void>;

/** An iterator whose body hands values out with `emit`, from however deep. */
class Genlet<T> implements IterableIterator<T> {
  private readonly greenlet: Greenlet;

  constructor(body: (emit: Emit<T>) => Coroutine<void>) {
    const greenlet: Greenlet = new Greenlet(() =>
      body(function* (value) {
        yield* greenlet.parent!.switch(value);
      }),
    );
    this.greenlet = greenlet;
  }

  next(): IteratorResult<T> {
    this.greenlet.parent = getcurrent();
    const value = run(this.greenlet.switch<T>());
    return this.greenlet.dead ? { done: true, value: undefined } : { done: false, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

test('P11 a generator of two greenlets, iterated three times', () => {
  const seen: number[] = [];
  for (let round = 0; round < 3; round++) {
    const pairs = new Genlet<number>(function* (emit) {
      for (let i = 0; i < 5; i++) {
        yield* emit(i);
        yield* emit(i);
      }
    });
    seen.push(...pairs);
  }
  const once = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
  assert.equal(seen, [...once, ...once, ...once]);
});

test('P11 two that are iterated in step do not disturb each other', () => {
  const upTo = (n: number): Genlet<number> =>
    new Genlet(function* (emit) {
      for (let i = 1; i <= n; i++) yield* emit(i);
    });
  const [a, b] = [upTo(3), upTo(4)];
  const seen: unknown[] = [];
  for (let i = 0; i < 4; i++) seen.push([a.next().value, b.next().value]);
  assert.equal(seen, [
    [1, 1],
    [2, 2],
    [3, 3],
    [undefined, 4],
  ]);
});

test('values are handed out from below a plain function', () => {
  // The callback of sort or forEach cannot hold a yield*; the greenlet that it runs can.
  const seen: number[] = [];
  const doubled = new Genlet<number>(function* (emit) {
    for (const value of [1, 2, 3].map((x) => x * 2)) yield* emit(value);
  });
  doubled.next();
  for (const value of doubled) seen.push(value);
  assert.equal(seen, [4, 6]);
});

test('nested: a body that iterates another generator, any number of levels', () => {
  const layer = (n: number): Genlet<number> =>
    new Genlet(function* (emit) {
      if (n === 0) {
        yield* emit(1);
        yield* emit(2);
        return;
      }
      for (const value of layer(n - 1)) yield* emit(value * 2);
    });
  assert.equal([...layer(0)], [1, 2]);
  assert.equal([...layer(1)], [2, 4]);
  assert.equal([...layer(10)], [1024, 2048]);
});

test('nested: permutations by recursion', () => {
  const permutations = <T>(items: T[]): Genlet<T[]> =>
    new Genlet(function* (emit) {
      if (items.length === 0) {
        yield* emit([]);
        return;
      }
      for (let i = 0; i < items.length; i++) {
        const rest = [...items.slice(0, i), ...items.slice(i + 1)];
        for (const tail of permutations(rest)) yield* emit([items[i]!, ...tail]);
      }
    });
  assert.equal(
    [...permutations(['a', 'b', 'c'])].map((p) => p.join('')),
    ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'],
  );
  assert.is([...permutations([1, 2, 3, 4])].length, 24);
});

test('an error in the body is thrown by next, and ends it', () => {
  const failing = new Genlet<number>(function* (emit) {
    yield* emit(1);
    throw new RangeError('no more');
  });
  assert.is(failing.next().value, 1);
  assert.throws(() => failing.next(), /^no more$/);
  assert.is(failing.next().done, true);
});

test.run();
