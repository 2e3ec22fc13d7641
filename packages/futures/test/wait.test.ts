/** wait: case F07. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { sleep, Timeout, withTimeout } from '@switchyard/hub';
import { spawn } from '@switchyard/gevent';
import { Future } from '../src/future.ts';
import { ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, wait } from '../src/wait.ts';
import { reported, thrownBy, thrownIn, timed, turn } from './future-support.ts';

const test = suite('wait');

function make(count: number): Future<number>[] {
  return Array.from({ length: count }, (_, at) => new Future<number>(`f${at}`));
}

/** The names of both sets. */
function names({ done, notDone }: { done: Set<Future<unknown>>; notDone: Set<Future<unknown>> }): string {
  const list = (set: Set<Future<unknown>>): string => [...set].map((future) => future.name).join(' ');
  return `${list(done)} | ${list(notDone)}`;
}

test(
  'F07: FIRST_COMPLETED',
  timed(function* () {
    const [a, b, c] = make(3) as [Future<number>, Future<number>, Future<number>];
    const waiting = spawn(() => wait([a, b, c], { returnWhen: FIRST_COMPLETED }));
    yield* sleep(1);
    b.setResult(1);
    assert.is(names(yield* waiting), 'f1 | f0 f2');
    // What is done already is enough, also a cancelled one.
    assert.is(names(yield* wait([a, b, c], { returnWhen: FIRST_COMPLETED, timeout: 0 })), 'f1 | f0 f2');
    c.cancel();
    assert.is(names(yield* wait([a, c], { returnWhen: FIRST_COMPLETED })), 'f2 | f0');
  }),
);

test(
  'F07: FIRST_EXCEPTION',
  timed(function* () {
    const [a, b, c, d] = make(4) as [Future<number>, Future<number>, Future<number>, Future<number>];
    const waiting = spawn(() => wait([a, b, c, d], { returnWhen: FIRST_EXCEPTION }));
    yield* sleep(1);
    a.setResult(1);
    b.cancel();
    yield* sleep(1);
    assert.is(waiting.ready(), false);
    c.setException(new Error('x'));
    assert.is(names(yield* waiting), 'f0 f1 f2 | f3');
    assert.is(names(yield* wait([d, c], { returnWhen: FIRST_EXCEPTION })), 'f2 | f3');
    const rest = spawn(() => wait([a, b, d], { returnWhen: FIRST_EXCEPTION }));
    yield* sleep(1);
    d.setResult(2);
    assert.is(names(yield* rest), 'f0 f1 f3 | ');
  }),
);

test(
  'F07: ALL_COMPLETED, the default',
  timed(function* () {
    const futures = make(4);
    const waiting = spawn(() => wait(new Set(futures)));
    const same = spawn(() => wait(futures, { returnWhen: ALL_COMPLETED }));
    yield* sleep(1);
    futures[2]!.setResult(1);
    futures[0]!.setException(new Error('x'));
    futures[3]!.cancel();
    yield* sleep(1);
    assert.is(waiting.ready(), false);
    futures[1]!.setResult(1);
    assert.is(names(yield* waiting), 'f0 f1 f2 f3 | ');
    assert.is(names(yield* same), 'f0 f1 f2 f3 | ');
    assert.is(names(yield* wait(futures)), 'f0 f1 f2 f3 | ');
  }),
);

test(
  'F07: the timeout',
  timed(function* () {
    const [a, b] = make(2) as [Future<number>, Future<number>];
    a.setResult(1);
    assert.is(names(yield* wait([a, b], { timeout: 10 })), 'f0 | f1');
    assert.is(names(yield* wait([b], { timeout: 0, returnWhen: FIRST_COMPLETED })), ' | f1');
    b.setResult(1);
    yield* sleep(10);
  }),
);

test('without futures, and with one several times', async () => {
  for (const returnWhen of [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED] as const) {
    assert.is(names(await wait([], { returnWhen })), ' | ');
  }
  const [a, b] = make(2) as [Future<number>, Future<number>];
  const waiting = Promise.resolve(wait([a, b, a, a]));
  await turn();
  a.setResult(1);
  b.setResult(1);
  assert.is(names(await waiting), 'f0 f1 | ');
});

test('any iterable, in async code', async () => {
  const futures = make(3);
  const waiting = Promise.resolve(
    wait(
      (function* () {
        yield* futures;
      })(),
    ),
  );
  await turn();
  for (const future of futures) future.setResult(1);
  assert.is((await waiting).done.size, 3);
});

test(
  'one that is killed or timed out leaves every line, and the errors that it would have seen are reported',
  timed(function* () {
    const futures = make(3);
    const stays = spawn(() => wait(futures.slice(0, 2)));
    const goes = spawn(() => wait(futures));
    yield* sleep(1);
    assert.instance(yield* thrownIn(withTimeout(5, () => wait(futures))), Timeout);
    yield* goes.kill();
    for (const future of futures) future.setResult(1);
    assert.is((yield* stays).done.size, 2);
  }),
);

test(
  'its waits are described by what is missing',
  timed(function* () {
    const futures = make(5);
    futures[0]!.setResult(1);
    const waiting = spawn(() => wait(futures));
    yield* sleep(1);
    assert.is((waiting.parked as { describe(): string }).describe(), 'wait (4 to come: f1, f2, f3, ...)');
    for (const future of futures.slice(1)) future.setResult(1);
    yield* waiting;
  }),
);

test(
  'the same wait can be consumed twice at a time',
  timed(function* () {
    const futures = make(2);
    const both = wait(futures);
    const one = spawn(() => both);
    const two = spawn(() => both);
    yield* sleep(1);
    for (const future of futures) future.setResult(1);
    assert.is((yield* one).done.size, 2);
    assert.is((yield* two).done.size, 2);
  }),
);

test(
  'failures that it has told of are observed',
  timed(function* () {
    const told = yield* reported(function* () {
      const futures = make(2);
      futures[0]!.setException(new Error('x'));
      const waiting = spawn(() => wait(futures));
      yield* sleep(1);
      futures[1]!.setException(new Error('y'));
      yield* waiting;
    });
    assert.equal(told, []);
  }),
);

test('bad input is told at once', () => {
  const future = new Future('f');
  for (const [action, type, message] of [
    [
      () => wait(future as never),
      TypeError,
      'Expected a list of futures for wait, as in wait([a, b]), got a Future',
    ],
    [() => wait(undefined as never), TypeError, 'Expected a list of futures for wait'],
    [() => wait([future, 5 as never]), TypeError, 'Expected a Future at 1 of wait, got 5'],
    [() => wait([Promise.resolve() as never]), TypeError, 'Expected a Future at 0 of wait, got a Promise'],
    [() => wait([future], { timeout: -1 }), TypeError, 'as the timeout of wait, got -1'],
    [() => wait([future], { returnWhen: 'ALL' as never }), RangeError, 'as returnWhen of wait, got "ALL"'],
  ] as const) {
    const error = thrownBy(action);
    assert.instance(error, type);
    assert.ok(error.message.includes(message), error.message);
  }
});

test('100,000 futures at once', { timeout: 20_000 }, async () => {
  const futures = make(100_000);
  const waiting = Promise.resolve(wait(futures, { timeout: 10_000 }));
  const beside = Promise.resolve(wait(futures, { timeout: 10_000 }));
  await turn();
  for (const future of futures) future.setResult(1);
  assert.is((await waiting).done.size, 100_000);
  assert.is((await beside).done.size, 100_000);
});

test.run();
