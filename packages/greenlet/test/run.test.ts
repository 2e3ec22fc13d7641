import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, GreenletError, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('run');

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

function named(name: string, body: (...args: any[]) => any): Greenlet {
  const greenlet = new Greenlet(body);
  greenlet.name = name;
  return greenlet;
}

test('takes switches only', () => {
  const g = new Greenlet(() => 0);
  for (const [wrong, shown] of [
    [undefined, 'undefined'],
    [g, 'a Greenlet'],
    [() => 0, 'a function'],
  ] as const) {
    const error = thrownBy(() => run(wrong as never));
    assert.instance(error, TypeError);
    assert.is(
      error.message,
      `Expected the result of greenlet.switch() or greenlet.throw() for run, got ${shown}`,
    );
  }
});

test('nests in a plain function: a child that ends, or switches back, returns', () => {
  const log: unknown[] = [];
  const g: Greenlet = new Greenlet(function* () {
    // sort cannot hold a yield*, but what its callback runs can switch.
    const sorted = [3, 1, 2].toSorted((a, b) => {
      const child = new Greenlet(function* () {
        log.push((yield* g.switch('asks')) as string);
        return a - b;
      });
      assert.is(run(child.switch()), 'asks');
      return run(child.switch<number>('answer'));
    });
    return sorted;
  });
  assert.equal(run(g.switch()), [1, 2, 3]);
  assert.ok(log.length >= 2 && log.every((entry) => entry === 'answer'));
});

test('nests to any depth, each level returning to its own caller', () => {
  const level = (n: number): number =>
    n === 0 ? 0 : 1 + run(new Greenlet(() => level(n - 1)).switch<number>());
  assert.is(level(50), 50);
});

test('an error of the child is thrown by the nested run', () => {
  const g = new Greenlet(function* () {
    return [1].map(() => {
      const child = new Greenlet(() => {
        throw new RangeError('in the child');
      });
      return thrownBy(() => run(child.switch())).message;
    });
  });
  assert.equal(run(g.switch()), ['in the child']);
});

test('below a nested run a switch to main is refused, where it was tried', () => {
  const child = named('child', function* () {
    try {
      yield* main.switch('over everybody');
    } catch (error) {
      return error;
    }
    return 'no error';
  });
  const g = named('g', function* () {
    return [0].map(() => {
      child.parent = getcurrent();
      return run(child.switch());
    });
  });
  const [error] = run(g.switch()) as [GreenletError];
  assert.instance(error, GreenletError);
  assert.is(
    error.message,
    'cannot switch from child to the main greenlet: plain code is not waiting in a run() that this switch could return from',
  );
  assert.is(g.dead, true, 'g went on to its end');
});

test('below a nested run a switch to the greenlet underneath is refused', () => {
  const g = named('lower', function* () {
    return [0].map(() => {
      const child = named('upper', function* () {
        // A second nested run: `lower` waits below it.
        return [0].map(() => {
          const top = named('top', function* () {
            yield* g.switch('to the one below');
          });
          return thrownBy(() => run(top.switch()));
        })[0];
      });
      return run(child.switch());
    });
  });
  const [error] = run(g.switch()) as [GreenletError];
  assert.instance(error, GreenletError);
  assert.is(
    error.message,
    'cannot switch from top to lower: that greenlet is waiting in a synchronous frame; it called run() from a plain ' +
      'function, and another run() has been started on top of it',
  );
});

test('an error that cannot be delivered is the cause of the refusal', () => {
  const original = new RangeError('for main');
  const child = new Greenlet(function* () {
    yield* main.throw(original);
  });
  const g = new Greenlet(() => {
    child.parent = getcurrent();
    return thrownBy(() => run(child.switch()));
  });
  const error = run(g.switch()) as Error;
  assert.instance(error, GreenletError);
  assert.is(error.cause, original);
});

test('a child whose parent waits further below ends where run was called', () => {
  // Its result cannot reach main; whoever waits in run() hears of it.
  const child = named('child', () => 'result');
  const g = new Greenlet(() => thrownBy(() => run(child.switch())));
  assert.is(child.parent, main);
  const error = run(g.switch()) as Error;
  assert.instance(error, GreenletError);
  assert.match(error.message, /^cannot switch from child to the main greenlet: /);
  assert.is(child.dead, true);
});

test('a running greenlet is not resumed by its own nested run: that is a switch to oneself', () => {
  const g: Greenlet = new Greenlet(() => run(g.switch('me')));
  assert.is(run(g.switch()), 'me');
});

test('after a refusal everything goes on to work', () => {
  const g = new Greenlet(function* () {
    try {
      [0].forEach(() => run(new Greenlet(() => main.switch()).switch()));
    } catch {
      return yield* main.switch('still able to switch');
    }
    return 'no error';
  });
  assert.is(run(g.switch()), 'still able to switch');
  assert.is(run(g.switch('end')), 'end');
  assert.is(getcurrent(), main);
});

test('an error that is thrown by run leaves main the current greenlet', () => {
  thrownBy(() =>
    run(
      new Greenlet(() => {
        throw new Error('x');
      }).switch(),
    ),
  );
  assert.is(getcurrent(), main);
});

test.run();
