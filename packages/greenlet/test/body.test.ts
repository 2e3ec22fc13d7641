import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, getcurrent, Greenlet, GreenletError, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('body');

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('a plain function runs to its end at the first switch', () => {
  const g = new Greenlet((a: number, b: number) => a + b);
  assert.is(run(g.switch(1, 2)), 3);
  assert.is(g.dead, true);
});

test('a plain function may return a coroutine, which is then run', () => {
  function* body(x: number): Coroutine<number> {
    return ((yield* main.switch(x)) as number) * 2;
  }
  const g = new Greenlet((x: number) => body(x + 1));
  assert.is(run(g.switch(1)), 2);
  assert.is(run(g.switch(21)), 42);
});

test('a plain function may return a switch, which is then made', () => {
  const g = new Greenlet(() => main.switch('hello'));
  assert.is(run(g.switch()), 'hello');
  assert.is(g.dead, false);
  assert.is(run(g.switch('bye')), 'bye', 'and whose result is the result');
});

test('several bodies may return one and the same switch', () => {
  const back = main.switch('hello');
  const [a, b] = [new Greenlet(() => back), new Greenlet(() => back)];
  assert.is(run(a.switch()), 'hello');
  assert.is(run(b.switch()), 'hello');
  assert.equal([run(a.switch(1)), run(b.switch(2))], [1, 2]);
});

test('objects that only look like results are left alone', () => {
  for (const result of [null, undefined, 0, [1, 2], new Map(), { next: 1 }, { next() {} }]) {
    assert.is(run(new Greenlet(() => result).switch()), result);
  }
});

test('run can be read before the start, and not after it', () => {
  const body = function* (): Coroutine {
    yield* main.switch();
  };
  const g = new Greenlet(body);
  assert.is(g.run, body);
  run(g.switch());
  assert.is(g.run, undefined);
  run(g.switch());
  assert.is(g.run, undefined);
  assert.is(main.run, undefined);
});

test('run can be set before the start', () => {
  const g = new Greenlet();
  g.run = (x: number) => x + 1;
  assert.is(run(g.switch(1)), 2);
  const replaced = new Greenlet(() => 'old');
  replaced.run = () => 'new';
  assert.is(run(replaced.switch()), 'new');
});

test('run cannot be set after the start, nor to something else than a function', () => {
  const g = new Greenlet(function* () {
    yield* main.switch();
  });
  assert.throws(() => (g.run = 5 as never), /^Expected a function for greenlet\.run, got 5$/);
  run(g.switch());
  for (let i = 0; i < 2; i++) {
    const error = thrownBy(() => (g.run = () => {}));
    assert.instance(error, GreenletError);
    assert.is(error.message, 'run cannot be set after the start of the greenlet');
    run(g.switch());
  }
});

test('without run, a switch and a throw fail where they are made, and it can still be given one', () => {
  const g = new Greenlet();
  for (const op of [() => g.switch(), () => g.throw(), () => g.throw(new Error('mine'))]) {
    const error = thrownBy(() => run(op()));
    assert.instance(error, GreenletError);
    assert.match(
      error.message,
      /^greenlet Greenlet-\d+ has no run: pass a function to its constructor, or set greenlet\.run/,
    );
  }
  assert.equal([g.dead, g.active], [false, false]);

  const other = new Greenlet(function* () {
    try {
      yield* g.switch();
    } catch (error) {
      return (error as Error).name;
    }
    return 'no error';
  });
  assert.is(run(other.switch()), 'GreenletError', 'a greenlet that tries hears of it itself');
  g.run = () => 'finally';
  assert.is(run(g.switch()), 'finally');
});

test('the constructor takes functions only', () => {
  for (const wrong of [5, 'text', {}, (function* () {})()]) {
    assert.throws(() => new Greenlet(wrong as never), /^Expected a function as the body of a greenlet, got /);
  }
  new Greenlet(undefined);
  new Greenlet(null);
});

class Adder extends Greenlet<[number], number> {
  total = 100;

  override *run(first: number): Coroutine<number> {
    this.total += first;
    this.total += yield* main.switch<number>(this.total);
    return this.total;
  }
}

test('a subclass may define run as a method, with this', () => {
  const g = new Adder();
  assert.is(run(g.switch(1)), 101);
  assert.is(run(g.switch(2)), 103);
  assert.is(g.dead, true);
  assert.match(g.name, /^Adder-\d+$/);
});

test('a subclass may define run as an ordinary method, or hold a constructor of its own', () => {
  class Greeter extends Greenlet<[string], string> {
    private readonly greeting: string;
    constructor(greeting: string) {
      super();
      this.greeting = greeting;
    }
    override run(name: string): string {
      return `${this.greeting}, ${name}`;
    }
  }
  assert.is(run(new Greeter('Good day').switch('you')), 'Good day, you');
});

test('an abstract class in between works as well', () => {
  abstract class Step extends Greenlet<[], string> {
    abstract title(): string;
    override run(): string {
      return this.title();
    }
  }
  class First extends Step {
    title(): string {
      return 'first';
    }
  }
  assert.is(run(new First().switch()), 'first');
});

test('the method of a subclass goes before a body that is passed, as in Python', () => {
  class Own extends Greenlet {
    override run(): string {
      return 'method';
    }
  }
  assert.is(run(new Own(() => 'passed').switch()), 'method');
});

test('this is the greenlet in a body that is a function', () => {
  const g: Greenlet = new Greenlet(function (this: unknown) {
    return this === g;
  });
  assert.is(run(g.switch()), true);
});

test('an accessor called run that throws fails the greenlet, and switching goes on to work', () => {
  class Broken extends Greenlet {
    // @ts-expect-error an accessor where the class has a method
    get run(): never {
      throw new RangeError('no body today');
    }
  }
  const g = new Broken();
  assert.throws(() => run(g.switch()), /^no body today$/);
  assert.is(g.dead, true);
  assert.is(getcurrent(), main);
  assert.is(run(new Greenlet(() => 'fine').switch()), 'fine');
});

test.run();
