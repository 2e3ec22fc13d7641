/** Futures by themselves: states, waits, callbacks, cancel and kill. Cases F03 and F04 are here. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { MessageChannel } from 'node:worker_threads';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, sleep, Timeout, until, withTimeout } from '@switchyard/hub';
import { spawn } from '@switchyard/gevent';
import { CancelledError, InvalidStateError, TimeoutError } from '../src/errors.ts';
import { Future } from '../src/future.ts';
import { rejection, reported, thrownBy, thrownIn, timed, turn } from './future-support.ts';

const test = suite('Future');

function finished<T>(value: T): Future<T> {
  const future = new Future<T>('finished');
  future.setResult(value);
  return future;
}

function failed(error: unknown): Future<number> {
  const future = new Future<number>('failed');
  future.setException(error);
  future.addDoneCallback(() => {});
  return future;
}

function running(): Future<number> {
  const future = new Future<number>('running');
  future.setRunningOrNotifyCancel();
  return future;
}

function cancelled(): Future<number> {
  const future = new Future<number>('dropped');
  future.cancel();
  return future;
}

test('F03: the states and what they say', () => {
  const words = (future: Future<unknown>): string =>
    `${future.state} ${future.cancelled()} ${future.running()} ${future.done()}`;
  assert.is(words(new Future()), 'PENDING false false false');
  assert.is(words(running()), 'RUNNING false true false');
  assert.is(words(cancelled()), 'CANCELLED true false true');
  assert.is(words(finished(1)), 'FINISHED false false true');
  assert.is(words(failed(new Error('x'))), 'FINISHED false false true');
  const notified = cancelled();
  assert.is(notified.setRunningOrNotifyCancel(), false);
  assert.is(words(notified), 'CANCELLED_AND_NOTIFIED true false true');
});

test('F03: cancel', () => {
  assert.is(new Future().cancel(), true);
  assert.is(running().cancel(), false);
  assert.is(finished(1).cancel(), false);
  assert.is(failed(new Error('x')).cancel(), false);
  const twice = cancelled();
  assert.is(twice.cancel(), true);
  assert.is(twice.state, 'CANCELLED');
});

test('an outcome comes once', () => {
  for (const future of [finished(1), failed(new Error('x')), cancelled()] as Future<unknown>[]) {
    assert.instance(
      thrownBy(() => future.setResult(2)),
      InvalidStateError,
    );
    assert.instance(
      thrownBy(() => future.setException(new Error('y'))),
      InvalidStateError,
    );
  }
  assert.match(thrownBy(() => finished(1).setResult(2)).message, 'setResult of a future that is FINISHED');
  assert.instance(
    thrownBy(() => running().setRunningOrNotifyCancel()),
    InvalidStateError,
  );
});

test(
  'result and exception of what is done need no turn',
  timed(function* () {
    assert.is(yield* finished(7), 7);
    assert.is(yield* finished(7).result({ timeout: 0 }), 7);
    assert.is(yield* finished(7).exception(), undefined);
    const error = new RangeError('x');
    assert.is(yield* thrownIn(failed(error)), error);
    assert.is(yield* failed(error).exception(), error);
    assert.instance(yield* thrownIn(cancelled()), CancelledError);
    assert.instance(yield* thrownIn(cancelled().exception()), CancelledError);
    assert.is((yield* thrownIn(cancelled())).message, 'task dropped was cancelled before it began');
  }),
);

test('falsy values and errors are kept', async () => {
  for (const value of [undefined, null, 0, '', false]) assert.is(await finished(value), value);
  for (const error of [undefined, null, 0, '']) assert.is(await rejection(failed(error)), error);
});

test(
  'those who wait go on in the order in which they came, and not inside of the caller',
  timed(function* () {
    const future = new Future<number>('late');
    const log: string[] = [];
    const waits = ['a', 'b', 'c'].map((name) =>
      spawn(function* () {
        log.push(`${name}${yield* future}`);
      }),
    );
    yield* sleep(0);
    future.setResult(1);
    log.push('set');
    for (const wait of waits) yield* wait;
    assert.equal(log, ['set', 'a1', 'b1', 'c1']);
  }),
);

test('is awaited any number of times, in async code too', async () => {
  const future = new Future<string>('late');
  const promises = [future.result(), future, future.exception()].map((wait) => Promise.resolve(wait));
  await turn();
  future.setResult('x');
  assert.equal(await Promise.all(promises), ['x', 'x', undefined]);
  assert.is(await future, 'x');
});

test(
  'a cancel wakes those who wait',
  timed(function* () {
    const future = new Future<string>('dropped');
    const wait = spawn(() => thrownIn(future));
    const other = spawn(() => thrownIn(future.exception()));
    yield* sleep(1);
    assert.is(future.cancel(), true);
    assert.instance(yield* wait, CancelledError);
    assert.instance(yield* other, CancelledError);
  }),
);

test(
  'its own time limit is a TimeoutError; a kill or a Timeout of the hub passes through',
  timed(function* () {
    const future = new Future<number>('slow');
    const own = yield* thrownIn(future.result({ timeout: 20 }));
    assert.instance(own, TimeoutError);
    assert.is(own.message, 'task slow is not done within 20 ms');
    assert.instance(yield* thrownIn(future.exception({ timeout: 0 })), TimeoutError);
    assert.instance(yield* thrownIn(withTimeout(5, () => future.result({ timeout: 20 }))), Timeout);
    const waiter = spawn(() => future.result());
    yield* sleep(1);
    yield* waiter.kill();
    assert.is(waiter.successful(), true);
    // Nobody of them is told later, and one who still waits is.
    const last = spawn(() => future.result({ timeout: 50 }));
    yield* sleep(10);
    future.setResult(3);
    assert.is(yield* last, 3);
    yield* sleep(100);
  }),
);

test(
  'those who give up leave the line in any order',
  timed(function* () {
    const future = new Future<number>('late');
    const waits = Array.from({ length: 10 }, () => spawn(() => future.result()));
    yield* sleep(1);
    for (const at of [0, 9, 4, 1, 5]) yield* waits[at]!.kill();
    future.setResult(5);
    for (const at of [2, 3, 6, 7, 8]) assert.is(yield* waits[at]!, 5);
  }),
);

test('F04: done callbacks of what is done are called at once', () => {
  for (const make of [
    () => finished(1),
    () => failed(new Error('x')),
    cancelled,
  ] as (() => Future<unknown>)[]) {
    const future = make();
    let told: unknown = null;
    future.addDoneCallback((source) => (told = source));
    assert.is(told, future);
  }
});

test(
  'F04: done callbacks come in the order in which they were added, in the hub; one that throws is reported',
  timed(function* () {
    const log: string[] = [];
    const told = yield* reported(function* () {
      const future = new Future<number>('late');
      future.addDoneCallback(() => log.push('one'));
      future.addDoneCallback(() => {
        log.push('two');
        throw new Error('of the second');
      });
      future.addDoneCallback(() => log.push('three'));
      future.setResult(1);
      log.push('set');
      // It is done, though the others have not been called yet.
      future.addDoneCallback(() => log.push('four'));
      log.push('not yet the others');
      yield* sleep(0);
      future.addDoneCallback(() => log.push('five'));
      log.push('added');
      future.addDoneCallback(() => {
        throw new Error('at once');
      });
    });
    assert.equal(log, ['set', 'four', 'not yet the others', 'one', 'two', 'three', 'five', 'added']);
    assert.equal(told, ['of the second', 'at once']);
  }),
);

test(
  'F04: a done callback that is added while others are being called, by one of them or by whoever waited',
  timed(function* () {
    const log: string[] = [];
    const future = new Future<number>('late');
    future.addDoneCallback(() => {
      log.push('first');
      future.addDoneCallback(() => log.push('of the first'));
      log.push('first ends');
    });
    const waiting = spawn(function* () {
      yield* future;
      future.addDoneCallback(() => log.push('of the one who waited'));
      log.push('waited');
    });
    yield* sleep(0);
    future.addDoneCallback(() => log.push('last'));
    future.setResult(1);
    yield* waiting;
    assert.equal(log, ['first', 'of the first', 'first ends', 'of the one who waited', 'waited', 'last']);
  }),
);

test(
  'F04: callbacks of failed and cancelled ones',
  timed(function* () {
    const seen: string[] = [];
    const one = new Future('one');
    const two = new Future('two');
    for (const future of [one, two])
      future.addDoneCallback((done) => seen.push(`${done.name} ${done.state}`));
    one.setException(new Error('x'));
    two.cancel();
    yield* sleep(0);
    assert.equal(seen, ['one FINISHED', 'two CANCELLED']);
  }),
);

test(
  'what a callback returns is waited for: async, generator, waitable',
  timed(function* () {
    const log: string[] = [];
    const told = yield* reported(function* () {
      const future = new Future<number>('late');
      future.addDoneCallback(function* (done): Coroutine {
        yield* sleep(10);
        log.push(`generator ${yield* done}`);
        throw new Error('of the generator');
      });
      future.addDoneCallback(async (done) => {
        await sleep(20);
        log.push(`async ${await done}`);
        throw new Error('of the async function');
      });
      const other = new Future<number>('other');
      future.addDoneCallback(() => other);
      future.setResult(4);
      yield* sleep(30);
      other.setException(new Error('of the waitable'));
      yield* sleep(1);
    });
    assert.equal(log, ['generator 4', 'async 4']);
    assert.equal(told, ['of the generator', 'of the async function', 'of the waitable']);
  }),
);

test(
  'a callback runs in the async context in which it was added',
  timed(function* () {
    const storage = new AsyncLocalStorage<string>();
    const future = new Future<number>('late');
    const seen: unknown[] = [];
    storage.run('mine', () => future.addDoneCallback(() => seen.push(storage.getStore())));
    future.addDoneCallback(() => seen.push(storage.getStore()));
    storage.run('of the setter', () => future.setResult(1));
    yield* sleep(0);
    assert.equal(seen, ['mine', undefined]);
  }),
);

test(
  'a callback can be taken back, as often as it was added',
  timed(function* () {
    const future = new Future<number>('late');
    const seen: string[] = [];
    const gone = (): unknown => seen.push('gone');
    future.addDoneCallback(gone);
    future.addDoneCallback(() => seen.push('stays'));
    future.addDoneCallback(gone);
    assert.is(future.removeDoneCallback(gone), 2);
    assert.is(future.removeDoneCallback(gone), 0);
    future.setResult(1);
    yield* sleep(0);
    assert.equal(seen, ['stays']);
  }),
);

test(
  'progress: each event, in order, before the end; nothing afterwards',
  timed(function* () {
    const log: unknown[] = [];
    const told = yield* reported(function* () {
      const future = new Future<number>('busy');
      future.emit('nobody listens');
      future.addProgressCallback((event) => {
        if (event === 'bad') throw new Error('of the watcher');
      });
      future.addProgressCallback((event) => log.push(event));
      future.addDoneCallback(() => log.push('done'));
      future.emit(1);
      future.emit('bad');
      log.push('emitted');
      future.setResult(0);
      future.emit(2);
      yield* sleep(0);
      future.addProgressCallback((event) => log.push(event));
      future.emit(3);
      yield* sleep(0);
    });
    assert.equal(log, ['emitted', 1, 'bad', 'done']);
    assert.equal(told, ['of the watcher']);
  }),
);

test(
  'kill: what is pending is cancelled, with the reason; what is done stays; what nobody runs cannot be killed',
  timed(function* () {
    const pending = new Future<number>('pending');
    assert.is(pending.kill('no need'), true);
    assert.is((yield* thrownIn(pending)).message, 'task pending was cancelled before it began: no need');
    assert.is(pending.kill(), false);
    assert.is(finished(1).kill(), false);
    assert.is(running().kill(), false);
    const reason = new Error('of the user');
    const other = new Future<number>('other');
    other.kill(reason);
    assert.is((yield* thrownIn(other)).cause, reason);
  }),
);

test('cancel and kill: whoever is to run it may know better that it has begun', () => {
  for (const begun of [false, true]) {
    const asked: unknown[] = [];
    const future: Future = new Future('crossing', {
      takeBack() {
        if (begun) future.setRunningOrNotifyCancel();
        return !begun;
      },
      cancelled: () => void asked.push('cancelled'),
      kill: (reason) => asked.push(reason) > 0,
    });
    assert.is(future.cancel(), !begun);
    assert.is(future.kill('enough'), begun);
    assert.is(future.state, begun ? 'RUNNING' : 'CANCELLED');
    assert.equal(asked, [begun ? 'enough' : 'cancelled']);
  }
});

test(
  'kill: a running one asks whoever runs it',
  timed(function* () {
    const asked: unknown[] = [];
    const future = new Future<number>('busy', {
      takeBack: () => assert.unreachable() as never,
      cancelled: () => assert.unreachable(),
      kill: (...args) => asked.push(args) > 0,
    });
    future.setRunningOrNotifyCancel();
    assert.is(future.kill('enough', { grace: 5 }), true);
    assert.equal(asked, [['enough', 5]]);
    future.setKilled(new CancelledError('was killed'));
    assert.is(future.cancelled(), true);
    assert.is(future.state, 'CANCELLED_AND_NOTIFIED');
    assert.instance(yield* thrownIn(future), CancelledError);
  }),
);

test('bad input is told at once', () => {
  const future = new Future('f');
  for (const [action, message] of [
    [() => future.result({ timeout: -1 }), 'Expected milliseconds from 0 up, or null for no limit'],
    [() => future.result(5 as never), 'Expected an options object for Future.result'],
    [() => future.exception({ timeout: 'x' as never }), 'as the timeout of Future.exception, got "x"'],
    [
      () => future.addDoneCallback(undefined as never),
      'Expected a function for addDoneCallback, got undefined',
    ],
    [
      () => future.addProgressCallback({} as never),
      'Expected a function for addProgressCallback, got an object',
    ],
    [
      () => future.kill(undefined, { grace: -1 }),
      'Expected milliseconds from 0 up as the grace of Future.kill, got -1',
    ],
  ] as const) {
    const error = thrownBy(action);
    assert.instance(error, TypeError);
    assert.ok(error.message.includes(message), error.message);
  }
  assert.is(future.state, 'PENDING');
});

test('is shown with its name, state and outcome', () => {
  function parse(): void {}
  assert.is(String(new Future(parse)), '<Future parse pending>');
  assert.is(String(finished('x')), '<Future finished finished returned "x">');
  assert.is(String(failed(new RangeError('x'))), '<Future failed finished threw a RangeError>');
  assert.is(new Future(() => 1).name, '(anonymous)');
});

test('completion from a message handler', async () => {
  const { port1, port2 } = new MessageChannel();
  const future = new Future<number>('remote');
  port1.on('message', (value: number) => future.setResult(value));
  const seen: number[] = [];
  const waiting = spawn(function* () {
    seen.push(yield* future);
  });
  port2.postMessage(3);
  await waiting;
  assert.equal(seen, [3]);
  port1.close();
});

test('100,000 futures, each with somebody who waits', { timeout: 20_000 }, async () => {
  const futures = Array.from({ length: 100_000 }, () => new Future<number>('many'));
  let sum = 0;
  const all = futures.map((future) =>
    spawn(function* () {
      const value = yield* future;
      sum += value;
    }),
  );
  await sleep(0);
  futures.forEach((future, at) => future.setResult(at));
  await all.at(-1);
  assert.is(sum, (100_000 * 99_999) / 2);
});

test('100,000 who wait for one future', { timeout: 20_000 }, async () => {
  const future = new Future<number>('popular');
  let count = 0;
  const all = Array.from({ length: 100_000 }, () =>
    spawn(function* () {
      const value = yield* future;
      count += value;
    }),
  );
  await sleep(0);
  for (let at = 0; at < all.length; at += 2) all[at]!.kill({ block: false });
  future.setResult(1);
  await all.at(-1);
  await until(turn());
  assert.is(count, 50_000);
});

test.run();
