import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type GreenletExit } from '@switchyard/greenlet';
import { sleep, Timeout, until, Waiter, withTimeout } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('until');

test('gives what the promise is fulfilled with', async () => {
  assert.is(
    await go(function* () {
      return yield* until(Promise.resolve(5));
    }),
    5,
  );
  assert.is(await until(Promise.resolve('text')), 'text');
  const later = new Promise<number>((resolve) => void setImmediate(() => resolve(7)));
  assert.is(
    await go(function* () {
      return yield* until(later);
    }),
    7,
  );
});

test('throws what the promise is rejected with, the very object', async () => {
  const error = new RangeError('no');
  const caught = await go(function* () {
    try {
      yield* until(Promise.reject(error));
    } catch (caught) {
      return caught;
    }
    return 'nothing came';
  });
  assert.is(caught, error);
  assert.is(await thrownBy(() => until(Promise.reject(error))), error);
});

test('the greenlet goes on in its turn, not inside of the promise job', async () => {
  const log: string[] = [];
  await Promise.all([
    go(function* () {
      yield* until(Promise.resolve());
      log.push('after the promise');
    }),
    go(function* () {
      log.push('other');
      yield* sleep(0);
      log.push('other again');
    }),
  ]);
  assert.is(log[0], 'other');
  assert.is(log.length, 3);
});

test('a function is called with a signal, and what it returns is waited for', async () => {
  const signals: AbortSignal[] = [];
  const value = await go(function* () {
    return yield* until(async (signal) => {
      signals.push(signal);
      await turn();
      return signal.aborted;
    });
  });
  assert.is(value, false);
  assert.is(signals.length, 1);
  assert.is(signals[0]!.aborted, false, 'a wait that ended well aborts nothing');
});

test('a function that returns no promise gives that value, without a switch', async () => {
  await go(function* () {
    const before = hub.switches;
    const got = yield* until(() => 5);
    assert.is(got, 5);
    assert.is(yield* until(() => null), null);
    assert.is(hub.switches, before);
  });
});

test('what the function throws is thrown by the wait', async () => {
  const error = new Error('at once');
  const body = (): never => {
    throw error;
  };
  assert.is(await thrownBy(() => until(body)), error);
  assert.is(
    await thrownBy(() =>
      go(function* () {
        yield* until(body);
      }),
    ),
    error,
  );
});

test('the function is called once for each wait', async () => {
  let calls = 0;
  const op = until(() => Promise.resolve(++calls));
  assert.is(calls, 0, 'nothing is called before somebody waits');
  assert.is(await op, 1);
  assert.is(await op, 2);
  assert.equal(await Promise.all([op, op]), [3, 4]);
});

/** A wait that only an abort can end, and the signal that it was given. */
function endless(): { op: ReturnType<typeof until<never>>; signals: AbortSignal[] } {
  const signals: AbortSignal[] = [];
  const op = until<never>((signal) => {
    signals.push(signal);
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  });
  return { op, signals };
}

test('a kill aborts the signal, with the exit as its reason', async () => {
  const { op, signals } = endless();
  const waiting = start('waiting', function* () {
    yield* op;
  });
  await turn();
  waiting.kill();
  await waiting.done;
  assert.is(signals[0]!.aborted, true);
  assert.is((signals[0]!.reason as GreenletExit).name, 'GreenletExit');
  assert.is(waiting.failed, false);
});

test('a timeout aborts the signal, with the timeout as its reason', async () => {
  const { op, signals } = endless();
  const error = await thrownBy(() => withTimeout(2, op));
  assert.instance(error, Timeout);
  assert.is(signals[0]!.reason, error);
});

test('a promise that settles after its wait was given up disturbs nobody', async () => {
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((_, fail) => (reject = fail));
  const waiting = start('waiting', function* () {
    try {
      yield* until(promise);
    } finally {
      yield* sleep(0);
    }
  });
  await turn();
  waiting.kill();
  reject(new Error('too late, and nobody minds'));
  await waiting.done;
  assert.is(waiting.failed, false);
  assert.is(hub.outside, 0);
});

test('a promise that settles just before the kill: the kill wins, a second wait starts afresh', async () => {
  // The turn that was meant for the first wait used to end the second one with the first one's value.
  let calls = 0;
  const releases: ((n: number) => void)[] = [];
  const op = until(() => {
    calls++;
    return new Promise<number>((resolve) => void releases.push(resolve));
  });
  const waiting = start('waiting', function* () {
    try {
      return yield* op;
    } catch {
      return yield* op;
    }
  });
  await turn();
  waiting.kill();
  releases[0]!(1);
  await turn();
  assert.equal([calls, waiting.ended], [2, false]);
  releases[1]!(2);
  await waiting.done;
  assert.is(waiting.outcome, 2);
});

test('a thenable that calls back at once is as good as a promise', async () => {
  // It used to be overheard, and its greenlet waited for ever.
  const ready = {
    then: (fulfilled: (value: number) => void) => fulfilled(5),
  } as unknown as PromiseLike<number>;
  const failed = {
    then: (_: unknown, rejected: (error: Error) => void) => rejected(new RangeError('no')),
  } as unknown as PromiseLike<number>;
  assert.is(await until(ready), 5);
  assert.is(
    await go(function* () {
      return yield* until(ready);
    }),
    5,
  );
  assert.instance(await thrownBy(() => until(failed)), RangeError);
  assert.is(hub.outside, 0);
});

test('a thenable that calls back twice is heard once', async () => {
  let call!: (value: number) => void;
  const twice = {
    then: (fulfilled: (value: number) => void) => void (call = fulfilled),
  } as unknown as PromiseLike<number>;
  const waiting = start('waiting', function* () {
    const first = yield* until(twice);
    yield* sleep(0);
    return first;
  });
  await turn();
  call(1);
  call(2);
  await waiting.done;
  call(3);
  assert.is(waiting.outcome, 1);
  assert.is(hub.outside, 0);
});

test('takes promises and functions only', () => {
  for (const [wrong, shown] of [
    [5, '5'],
    [undefined, 'undefined'],
    [{}, 'an object'],
    [[1], 'an array of 1'],
  ] as const) {
    assert.throws(
      () => until(wrong as never),
      (error: Error) => {
        assert.instance(error, TypeError);
        assert.is(
          error.message,
          `Expected a promise, or a function that returns one, for until, got ${shown}`,
        );
        return true;
      },
    );
  }
});

test('waits for another waitable as for a promise', async () => {
  const waiter = new Waiter<number>();
  const waiting = start('waiting', function* () {
    return yield* until(waiter);
  });
  await turn();
  waiter.wake(5);
  await waiting.done;
  assert.is(waiting.outcome, 5);
});

test.run();
