import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet, GreenletError, run } from '@switchyard/greenlet';
import { getHub, InvalidSwitchError, sleep, Waiter } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('misuse');

function caught(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('a foreign switch into a parked greenlet is thrown there, and its wait is undone', async () => {
  let given = 0;
  const waiter = new Waiter(() => given++);
  const parked = start('parked', function* () {
    try {
      yield* waiter;
    } catch (error) {
      return error;
    }
    return 'nothing was thrown';
  });
  await turn();
  const foreign = caught(() => run(parked.greenlet.switch('not for you')));
  await parked.done;
  const error = parked.outcome as Error;
  assert.instance(error, InvalidSwitchError);
  assert.match(
    error.message,
    /^greenlet parked-\d+ was switched to while it waits for Waiter, by somebody it does not wait for$/,
  );
  assert.equal([given, waiter.wake()], [1, false]);
  assert.instance(foreign, InvalidSwitchError);
  assert.match(
    foreign.message,
    /^greenlet parked-\d+ ended where it was switched to by run\(\) from plain code, /,
  );
});

test('a greenlet that survives a foreign switch waits on as ever', async () => {
  const gate = new Waiter<string>();
  const parked = start('parked', function* () {
    try {
      yield* sleep(60_000);
    } catch (error) {
      assert.instance(error, InvalidSwitchError);
    }
    return yield* gate;
  });
  await turn();
  const other = start('other', function* () {
    yield* parked.greenlet.switch('from another greenlet');
  });
  await turn();
  assert.is(hub.timers.size, 0);
  assert.equal([parked.ended, other.ended], [false, false]);
  gate.wake('woken');
  await parked.done;
  assert.is(parked.outcome, 'woken');
  other.kill();
  await other.done;
});

test('a foreign throw undoes the wait as well', async () => {
  const parked = start('parked', function* () {
    yield* sleep(60_000);
  });
  await turn();
  const error = new RangeError('foreign');
  caught(() => run(parked.greenlet.throw(error)));
  await parked.done;
  assert.is(parked.outcome, error);
  assert.is(hub.timers.size, 0);
});

test('a wait below run() is refused, says why, and is undone', async () => {
  const outside = caught(() =>
    run(
      new Greenlet(function* waits() {
        yield* sleep(60_000);
      }).switch(),
    ),
  );
  assert.instance(outside, InvalidSwitchError);
  assert.match(
    outside.message,
    /^greenlet waits-\d+ cannot wait here: it was switched to by run\(\) from plain code, which cannot let the event loop turn; spawn\(\) it, or await what it waits for$/,
  );
  const inside = await go(function* () {
    const [error] = [0].map(() =>
      caught(() =>
        run(
          new Greenlet(function* waits() {
            yield* new Waiter();
          }).switch(),
        ),
      ),
    );
    // The greenlet above is none the worse for it.
    yield* sleep(0);
    return error;
  });
  assert.instance(inside, InvalidSwitchError);
  assert.is(hub.timers.size, 0);
  assert.equal(getHub().runInfo(), []);
});

test('yield* outside of a greenlet', () => {
  for (const [op, what] of [
    [sleep(5), 'sleep 5 ms'],
    [new Waiter(), 'Waiter'],
  ] as const) {
    const error = caught(() => [...(op as Iterable<unknown>)]);
    assert.instance(error, GreenletError);
    assert.is(
      error.message,
      `yield* outside of a greenlet (${what}): write await in async code, or spawn() a generator function`,
    );
  }
});

test('yield without the star', async () => {
  const error = (await thrownBy(() =>
    go(function* (): Generator<any, void> {
      yield sleep(5);
    }),
  )) as Error;
  assert.instance(error, GreenletError);
  assert.match(
    error.message,
    /^greenlet go-\d+ yielded a Sleep: a star is missing: write yield\* instead of yield$/,
  );
  const promise = (await thrownBy(() =>
    go(function* (): Generator<any, void> {
      yield Promise.resolve(5);
    }),
  )) as Error;
  assert.match(promise.message, /^greenlet go-\d+ yielded a Promise: write yield\* until\(promise\)$/);
  assert.is(hub.timers.size, 0);
});

test('a coroutine that is iterated by hand while it waits', async () => {
  function* naps(): Generator<any, void> {
    yield* sleep(60_000);
    yield* sleep(60_000);
  }
  const error = (await thrownBy(() =>
    go(function* () {
      const iterator = naps();
      iterator.next();
      iterator.return();
      for (const _ of naps()) yield* sleep(1);
    }),
  )) as Error;
  assert.instance(error, GreenletError);
  assert.match(
    error.message,
    /^greenlet go-\d+ waits for sleep 1 ms while it is parked on sleep 60000 ms: a coroutine was iterated by hand/,
  );
  assert.is(hub.timers.size, 0);
});

test('a switch to main from a greenlet of the hub', async () => {
  const main = (await import('@switchyard/greenlet/scheduler')).main;
  const error = (await thrownBy(() =>
    go(function* () {
      yield* main.switch();
    }),
  )) as Error;
  assert.instance(error, GreenletError);
  assert.match(error.message, /^cannot switch from go-\d+ to the main greenlet: /);
});

test('a callback in the hub may switch to a greenlet, which may wait', async () => {
  const log: string[] = [];
  const raw = new Greenlet(function* () {
    log.push('started');
    yield* sleep(1);
    log.push('slept');
  });
  let ended!: () => void;
  const done = new Promise<void>((resolve) => (ended = resolve));
  hub.schedule({
    turn() {
      raw.parent = hub.self;
      run(raw.switch());
      log.push('back in the callback');
    },
  });
  start('watch', function* () {
    while (!raw.dead) yield* sleep(0);
    ended();
  });
  await done;
  assert.equal(log, ['started', 'back in the callback', 'slept']);
});

test.run();
