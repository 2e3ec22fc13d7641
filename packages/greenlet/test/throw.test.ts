import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, GreenletError, GreenletExit, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('throw');

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** A greenlet that is suspended and reports what is thrown into it, over and over. */
function catcher(): Greenlet {
  const greenlet = new Greenlet(function* () {
    let answer: unknown = 'ready';
    for (;;) {
      try {
        answer = yield* main.switch(answer);
      } catch (error) {
        answer = error;
      }
    }
  });
  assert.is(run(greenlet.switch()), 'ready');
  return greenlet;
}

/** A greenlet that is suspended and catches nothing. */
function sleeper(parent?: Greenlet): Greenlet {
  const greenlet = new Greenlet(function* () {
    return yield* main.switch();
  }, parent);
  run(greenlet.switch());
  return greenlet;
}

class Left extends GreenletExit {}

test('P05 what a body throws is thrown in main, and the body is dead', () => {
  const error = new Error('body');
  const g = new Greenlet(function* () {
    yield* main.switch();
    throw error;
  });
  run(g.switch());
  assert.is(
    thrownBy(() => run(g.switch())),
    error,
  );
  assert.is(g.dead, true);
});

test('P05 the same for an error before the first suspension', () => {
  const g = new Greenlet(function* () {
    throw new RangeError('at once');
  });
  assert.instance(
    thrownBy(() => run(g.switch())),
    RangeError,
  );
  assert.is(g.dead, true);
});

test('P07 a body catches an instance, that very one, and goes on', () => {
  const g = catcher();
  const error = new RangeError('this one');
  assert.is(run(g.throw(error)), error);
  assert.is(g.dead, false);
  assert.is(run(g.switch('still there')), 'still there');
});

test('P07 a class is instantiated', () => {
  const g = catcher();
  assert.instance(run(g.throw(RangeError)), RangeError);
  assert.instance(run(g.throw(Error)), Error);
  assert.instance(run(g.throw(Left)), Left);
});

test('P08 throw() leaves a GreenletExit behind as a value, and a second one does too', () => {
  const g = sleeper();
  assert.instance(run(g.throw()), GreenletExit);
  assert.is(g.dead, true);
  assert.instance(run(g.throw()), GreenletExit);
  const exit = new Left();
  assert.is(run(g.throw(exit)), exit, 'a subclass counts as well');
});

test('throw() gives an exit that can be caught like any error', () => {
  const g = catcher();
  const exit = run(g.throw()) as GreenletExit;
  assert.instance(exit, GreenletExit);
  assert.instance(exit, Error);
  assert.is(exit.name, 'GreenletExit');
  assert.is(g.dead, false);
});

test('a GreenletExit that the body throws itself is a value too, also of a subclass', () => {
  const exit = new Left('bye');
  const g = new Greenlet(() => {
    throw exit;
  });
  assert.is(run(g.switch()), exit);
  assert.is(g.dead, true);
});

test('an exit that the body turns into another error is thrown', () => {
  const g = new Greenlet(function* () {
    try {
      yield* main.switch();
    } catch (exit) {
      throw new RangeError('cleanup failed', { cause: exit });
    }
  });
  run(g.switch());
  const error = thrownBy(() => run(g.throw())) as Error;
  assert.instance(error, RangeError);
  assert.instance(error.cause, GreenletExit);
});

test('a body that ends well after an exit gives its result', () => {
  const g = new Greenlet(function* () {
    try {
      yield* main.switch();
    } catch {
      return 'tidied up';
    }
    return 'not reached';
  });
  run(g.switch());
  assert.is(run(g.throw()), 'tidied up');
});

test('finally blocks run inside out, and may switch', () => {
  const log: unknown[] = [];
  function* inner(): Generator<any, void> {
    try {
      yield* main.switch();
    } finally {
      log.push('inner');
      log.push(yield* main.switch('cleaning'));
    }
  }
  const g = new Greenlet(function* () {
    try {
      yield* inner();
      log.push('not reached');
    } finally {
      log.push('outer');
    }
  });
  run(g.switch());
  assert.is(run(g.throw()), 'cleaning');
  assert.is(g.dead, false);
  assert.instance(run(g.switch('cleaned')), GreenletExit);
  assert.equal(log, ['inner', 'cleaned', 'outer']);
});

test('thrown into an unstarted greenlet: the body never runs, the error goes to the parent', () => {
  let began = false;
  const g = new Greenlet(() => {
    began = true;
  });
  const error = new Error('too early');
  assert.is(
    thrownBy(() => run(g.throw(error))),
    error,
  );
  assert.equal([began, g.dead], [false, true]);

  const other = new Greenlet(() => {
    began = true;
  });
  assert.instance(run(other.throw()), GreenletExit, 'an exit is a value there as well');
  assert.equal([began, other.dead], [false, true]);
});

test('thrown into an unstarted greenlet with an unstarted parent: both die', () => {
  let began = false;
  const body = (): void => {
    began = true;
  };
  const parent = new Greenlet(body);
  const child = new Greenlet(body, parent);
  assert.instance(
    thrownBy(() => run(child.throw(RangeError))),
    RangeError,
  );
  assert.equal([began, parent.dead, child.dead], [false, true, true]);
});

test('thrown into an unstarted greenlet, the error goes to its own parent, not to the caller', () => {
  const parent = catcher();
  const child = new Greenlet(() => 0, parent);
  const error = new Error('for the parent');
  const caller = new Greenlet(function* () {
    yield* child.throw(error);
  });
  assert.is(run(caller.switch()), error, 'the parent caught it, and told main');
  assert.equal([child.dead, caller.dead], [true, false]);
});

test('thrown into a dead greenlet: an error is thrown where its parent is', () => {
  const g = sleeper();
  run(g.switch());
  assert.is(g.dead, true);
  const error = new Error('too late');
  assert.is(
    thrownBy(() => run(g.throw(error))),
    error,
  );
  const parent = catcher();
  g.parent = parent;
  assert.is(run(g.throw(error)), error, 'the parent caught it');
});

test('thrown into oneself: it is thrown right here', () => {
  const error = new Error('myself');
  const g: Greenlet = new Greenlet(function* () {
    try {
      yield* getcurrent().throw(error);
    } catch (caught) {
      return caught;
    }
    return 'not reached';
  });
  assert.is(run(g.switch()), error);
  assert.is(
    thrownBy(() => run(main.throw(error))),
    error,
  );
});

test('a greenlet throws into main', () => {
  const error = new Error('to main');
  const g = new Greenlet(function* () {
    return yield* main.throw(error);
  });
  assert.is(
    thrownBy(() => run(g.switch())),
    error,
  );
  assert.is(g.dead, false, 'it is suspended in its throw');
  assert.is(run(g.switch('resumed')), 'resumed');
});

test('an exit thrown into main is thrown there: only an ending greenlet turns it into a value', () => {
  const g = new Greenlet(function* () {
    return yield* main.throw();
  });
  assert.instance(
    thrownBy(() => run(g.switch())),
    GreenletExit,
  );
  run(g.switch());
});

test('anything can be thrown, as in JavaScript; null and false are no "default"', () => {
  const g = catcher();
  for (const odd of [null, false, 0, '', 'text', { code: 1 }]) assert.is(run(g.throw(odd)), odd);
  assert.instance(run(g.throw(undefined)), GreenletExit);
});

test('the same error object may be thrown over and over', () => {
  const g = catcher();
  const error = new Error('again');
  assert.is(run(g.throw(error)), error);
  assert.is(run(g.throw(error)), error);
});

test('GreenletExit and GreenletError say what they are', () => {
  assert.is(String(new GreenletExit()), 'GreenletExit');
  assert.is(String(new GreenletExit('done')), 'GreenletExit: done');
  assert.is(String(new GreenletError('wrong')), 'GreenletError: wrong');
  assert.not(new GreenletError('') instanceof GreenletExit);
  assert.is(String(new Left('x')), 'GreenletExit: x');
});

test.run();
