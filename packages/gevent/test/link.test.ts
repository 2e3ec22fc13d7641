/** Links: who is told of a greenlet's end, when, and in which order. */
import { expectGreenletErrors, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import { AsyncResult, type Greenlet, GreenletExit, joinall, sleep, spawn } from '../src/index.ts';
import { Log, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('links');

test('links are told in the order in which they were added, of whatever kind, joiners among them', function* () {
  const log = new Log();
  const g = spawn(() => sleep(0));
  g.link(() => log.add('link'));
  const joiner = spawn(function* () {
    yield* g.join();
    log.add('join');
  });
  yield* sleep(0);
  g.rawlink(() => log.add('rawlink'));
  g.linkValue(() => log.add('linkValue'));
  yield* joiner;
  yield* sleep(0);
  assert.is(log.take(), 'link, join, rawlink, linkValue');
});

test(
  'a link runs in a greenlet of its own and may wait; those behind it do not wait for it',
  timed(function* () {
    const log = new Log();
    const g = spawn(() => 7);
    g.link(function* (ended) {
      log.add('first', ended.value);
      yield* sleep(10);
      log.add('first ends');
    });
    g.link(async (ended) => {
      await Promise.resolve();
      log.add('async', ended.value);
    });
    g.link(() => log.add('last'));
    yield* g.join();
    log.add('joined');
    yield* sleep(20);
    assert.is(log.take(), 'first 7, last, joined, async 7, first ends');
  }),
);

test('a link is told of what has ended already, but not inside of link itself', function* () {
  const log = new Log();
  const g = spawn(() => 1);
  yield* g.join();
  g.link(() => log.add('link'));
  g.rawlink(() => log.add('rawlink'));
  log.add('after');
  yield* sleep(0);
  assert.is(log.take(), 'after, link, rawlink');
});

test('the same function linked twice is called twice, an AsyncResult takes over twice', function* () {
  let calls = 0;
  const count = (): void => void calls++;
  const g = spawn(() => 1);
  g.link(count);
  g.link(count);
  g.rawlink(count);
  g.rawlink(count);
  yield* g.join();
  assert.is(calls, 4);
});

test('unlink takes back one link of the function', function* () {
  let calls = 0;
  const count = (): void => void calls++;
  const g = spawn(() => 1);
  for (const verb of ['link', 'linkValue', 'linkException', 'rawlink'] as const) {
    g[verb](count);
    g.unlink(count);
  }
  g.unlink(count);
  g.link(count);
  g.rawlink(count);
  g.unlink(count);
  const result = new AsyncResult();
  g.link(result);
  g.unlink(result);
  yield* g.join();
  yield* sleep(0);
  assert.is(calls, 1);
  assert.is(result.ready(), false);
});

// Links that all ran in later turns could not be taken back any more by one before them.
test('an early link may unlink a later one', function* () {
  const log = new Log();
  const later = (): void => log.add('later');
  const last = (): void => log.add('last');
  const g = spawn(() => 1);
  g.link(() => g.unlink(later));
  g.rawlink(() => g.unlink(last));
  g.link(later);
  g.rawlink(last);
  g.link(() => log.add('end'));
  yield* g.join();
  assert.is(log.take(), 'end');
});

test('a link may link another one, which is told as well', function* () {
  const log = new Log();
  const g = spawn(() => 1);
  g.rawlink(() => g.rawlink(() => log.add('second')));
  yield* g.join();
  yield* sleep(0);
  assert.is(log.take(), 'second');
});

test('a rawlink that throws is reported, and the others still run', { greenletErrors: 2 }, function* () {
  const log = new Log();
  const g = spawn(() => 1);
  for (const n of [1, 2]) {
    g.rawlink(() => {
      throw new Error(`rawlink ${n}`);
    });
    g.rawlink(() => log.add(n));
  }
  yield* g.join();
  assert.is(log.take(), '1, 2');
});

test('a rawlink that waits is an error that says what to write', { greenletErrors: true }, function* () {
  const errors: Error[] = [];
  const hub = getHub();
  const before = hub.onError;
  hub.onError = (error) => errors.push(error as Error);
  const g = spawn(() => 1);
  g.rawlink(() => void sleep(0)[Symbol.iterator]().next());
  yield* g.join();
  yield* sleep(0);
  hub.onError = before;
  assert.is(errors.length, 1);
  assert.match(errors[0]?.message ?? '', 'yield* outside of a greenlet');
});

test('a link that fails is reported, and is no failure of the greenlet', function* () {
  expectGreenletErrors(1);
  const g = spawn(() => 1);
  g.link(() => {
    throw new Error('link');
  });
  assert.is(yield* g, 1);
});

test('a kill counts as a value', function* () {
  const log = new Log();
  const g = spawn(() => sleep(1000));
  g.linkValue((ended: Greenlet<any>) => log.add('value', ended.value instanceof GreenletExit));
  g.linkException(() => log.add('exception'));
  yield* sleep(0);
  yield* g.kill();
  // As in Python, who kills goes on before the links are told.
  assert.is(log.take(), '');
  yield* sleep(0);
  assert.is(log.take(), 'value true');
});

test('an AsyncResult that has taken over a kill throws the exit, as the greenlet does', function* () {
  const result = new AsyncResult<number>();
  const g = spawn(function* () {
    yield* sleep(1000);
    return 1;
  });
  g.link(result);
  const waiter = spawn(() => result.get());
  yield* sleep(0);
  yield* g.kill();
  assert.instance(yield* thrownIn(result), GreenletExit);
  yield* waiter.join();
  assert.is(waiter.value, g.value as unknown, 'who waited ends with it');
});

test('links of one who was killed before its start are told in a turn of their own', function* () {
  // Told in the turn in which it was to start, they would come before what was spawned after it.
  const log = new Log();
  const g = spawn(() => log.add('body'));
  g.rawlink(() => log.add('link'));
  const other = spawn(() => log.add('other'));
  g.kill({ block: false });
  const after = spawn(() => log.add('after'));
  yield* joinall([other, after]);
  assert.is(log.take(), 'other, link, after');
});

test('what is no function cannot be linked', () => {
  const g = spawn(() => 1);
  for (const verb of ['link', 'linkValue', 'linkException', 'rawlink'] as const) {
    const error = thrownBy(() => g[verb](5 as never));
    assert.instance(error, TypeError);
    assert.match(error.message, /^Expected a function .*to link, got 5$/);
  }
});

test('ten thousand links to one greenlet, unlinked from the end or told, take no quadratic time', function* () {
  const g = spawn(() => sleep(0));
  let calls = 0;
  const functions = Array.from({ length: 10_000 }, () => () => void calls++);
  for (const fn of functions) g.rawlink(fn);
  for (const fn of functions.slice(0, 5000)) g.unlink(fn);
  yield* g.join();
  yield* sleep(0);
  assert.is(calls, 5000);
});

test.run();
