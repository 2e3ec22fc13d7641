/** What is used wrongly is refused with a message that names the value and says what to write. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AsyncResult,
  Event,
  Greenlet,
  Group,
  iwait,
  joinall,
  JoinableQueue,
  kill,
  killall,
  Pool,
  Queue,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  wait,
} from '../src/index.ts';
import { thrownBy, thrownIn } from './support.ts';

const test = suite('bad input');

const g = new Greenlet(() => 1);
const any = (value: unknown): never => value as never;

/** The verb, what it throws, and the message. */
const refused: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
  [() => spawn(any(5)), TypeError, 'Expected a function as the body of a greenlet, got 5'],
  [() => spawn(any(undefined)), TypeError, 'Expected a function as the body of a greenlet, got nothing'],
  [() => spawn(any(null)), TypeError, 'Expected a function as the body of a greenlet, got null'],
  [
    () => spawn(any(Promise.resolve())),
    TypeError,
    'Expected a function as the body of a greenlet, got a Promise',
  ],
  [
    () => spawn(any((function* () {})())),
    TypeError,
    'Expected a function as the body of a greenlet, got an object; pass the function and its arguments apart, as in spawn(fn, x)',
  ],
  [() => spawnRaw(any('x')), TypeError, 'Expected a function as the body of a greenlet, got "x"'],
  [() => spawnLater(1, any({})), TypeError, 'Expected a function as the body of a greenlet, got an object'],
  [() => new Greenlet(any(5)), TypeError, 'Expected a function as the body of a greenlet, got 5'],
  [() => spawnLater(-1, () => 1), TypeError, 'Expected milliseconds from 0 up for startLater, got -1'],
  [() => spawnLater(NaN, () => 1), TypeError, 'Expected milliseconds from 0 up for startLater, got NaN'],
  [() => spawnLater(any('1'), () => 1), TypeError, 'Expected milliseconds from 0 up for startLater, got "1"'],
  [() => sleep(any('1')), TypeError, 'Expected a number of milliseconds for sleep, got "1"'],
  // Python's positions instead of options.
  [
    () => g.join(any(1)),
    TypeError,
    'Expected an options object for Greenlet.join, as in { timeout: 100 }, got 1',
  ],
  [
    () => g.get(any(false)),
    TypeError,
    'Expected an options object for Greenlet.get, as in { timeout: 100 }, got false',
  ],
  [
    () => g.kill(undefined, any(1)),
    TypeError,
    'Expected an options object for Greenlet.kill, as in { timeout: 100 }, got 1',
  ],
  [
    () => joinall([g], any(1)),
    TypeError,
    'Expected an options object for joinall, as in { timeout: 100 }, got 1',
  ],
  [
    () => new Event().wait(any(1)),
    TypeError,
    'Expected an options object for Event.wait, as in { timeout: 100 }, got 1',
  ],
  [
    () => new Queue().get(any(true)),
    TypeError,
    'Expected an options object for Queue.get, as in { timeout: 100 }, got true',
  ],
  [
    () => new Queue().put(1, any(1)),
    TypeError,
    'Expected an options object for Queue.put, as in { timeout: 100 }, got 1',
  ],
  [
    () => new Group().join(any(1)),
    TypeError,
    'Expected an options object for Group.join, as in { timeout: 100 }, got 1',
  ],
  [
    () => new Semaphore().acquire(any(false)),
    TypeError,
    'Expected an options object for Semaphore.acquire, as in { timeout: 100 }, got false',
  ],
  // Times that are none.
  [
    () => g.join({ timeout: -1 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of Greenlet.join, got -1',
  ],
  [
    () => new Event().wait({ timeout: NaN }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of Event.wait, got NaN',
  ],
  [
    () => new AsyncResult().get({ timeout: any('5') }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of AsyncResult.get, got "5"',
  ],
  [
    () => new JoinableQueue().join({ timeout: -5 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of JoinableQueue.join, got -5',
  ],
  [
    () => killall([], { timeout: -1 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of killall, got -1',
  ],
  [
    () => new Pool(1).kill({ timeout: -1 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of Group.kill, got -1',
  ],
  [
    () => new Pool(1).waitAvailable({ timeout: -1 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of Pool.waitAvailable, got -1',
  ],
  [
    () => new Pool().waitAvailable({ timeout: -1 }),
    TypeError,
    'Expected milliseconds from 0 up, or null for no limit, as the timeout of Pool.waitAvailable, got -1',
  ],
  // Lists that are none.
  [() => joinall(any(g)), TypeError, 'Expected a list for joinall, as in joinall([a, b]), got a Greenlet'],
  [() => wait(any(new Event())), TypeError, 'Expected a list for wait, as in wait([a, b]), got an Event'],
  [() => iwait(any(5)), TypeError, 'Expected a list for iwait, as in iwait([a, b]), got 5'],
  [() => killall(any('abc')), TypeError, 'Expected a list for killall, as in killall([a, b]), got "abc"'],
  [() => kill(any({})), TypeError, 'Expected a Greenlet for kill, got an object'],
  [() => new Group().killone(any(5)), TypeError, 'Expected a Greenlet for killone, got 5'],
  [
    () => joinall([g], { count: -1 }),
    RangeError,
    'Expected a whole number from 0 up as the count of joinall, got -1',
  ],
  [
    () => wait([g], { count: 1.5 }),
    RangeError,
    'Expected a whole number from 0 up as the count of wait, got 1.5',
  ],
  [() => new Event().rawlink(any(5)), TypeError, 'Expected a function to link, got 5'],
];

for (const [verb, kind, message] of refused) {
  const written = String(verb).replace(/^\(\) => /, '');
  test(`${written.replace(/\s+/g, ' ')} says "${message.slice(0, 40)}..."`, { switches: false }, () => {
    const error = thrownBy(verb);
    assert.is(error.message, message);
    assert.is(error.constructor, kind);
  });
}

test('waiting outside of a greenlet says what to write', () => {
  for (const [wait_, named] of [
    [new Event().wait(), 'Event.wait'],
    [new Queue().get(), 'Queue.get'],
    [sleep(1), 'sleep 1 ms'],
  ] as const) {
    const error = thrownBy(() => (wait_[Symbol.iterator]() as Iterator<unknown>).next());
    assert.is(
      error.message,
      `yield* outside of a greenlet (${named}): write await in async code, or spawn() a generator function`,
    );
  }
});

test('a forgotten star says so', function* () {
  const h = spawn(function* () {
    yield new Event().wait() as never;
  });
  h.name = 'h';
  const error = (yield* thrownIn(h)) as Error;
  assert.is(error.name, 'GreenletError');
  assert.is(
    error.message,
    'greenlet h yielded an EventWait: a star is missing: write yield* instead of yield',
  );
});

test('a promise that is yielded says what to write', function* () {
  const h = spawn(function* () {
    yield Promise.resolve(1) as never;
  });
  h.name = 'h';
  assert.is(
    ((yield* thrownIn(h)) as Error).message,
    'greenlet h yielded a Promise: write yield* until(promise)',
  );
});

test.run();
