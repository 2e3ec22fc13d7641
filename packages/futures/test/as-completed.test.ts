/** asCompleted: case F09. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, sleep, Timeout, withTimeout } from '@switchyard/hub';
import { spawn } from '@switchyard/gevent';
import { type AsCompleted, asCompleted } from '../src/as-completed.ts';
import { TimeoutError } from '../src/errors.ts';
import { Future } from '../src/future.ts';
import { rejection, thrownBy, thrownIn, timed, turn } from './future-support.ts';

const test = suite('asCompleted');

type Numbers = Future<number>;

function make(count: number): Numbers[] {
  return Array.from({ length: count }, (_, at) => new Future<number>(`f${at}`));
}

function* names(it: AsCompleted<Numbers>): Coroutine<string> {
  const seen: string[] = [];
  for (;;) {
    const { done, value } = (yield* it.next()) as IteratorResult<Numbers, undefined>;
    if (done === true) return seen.join(' ');
    seen.push(value.name);
  }
}

test(
  'F09: gives each once, as they end, those that are done first',
  timed(function* () {
    const futures = make(5);
    futures[3]!.setResult(1);
    futures[1]!.cancel();
    const seen = spawn(() => names(asCompleted([...futures, ...futures])));
    yield* sleep(1);
    futures[4]!.setException(new Error('x'));
    futures[0]!.setResult(1);
    yield* sleep(1);
    futures[2]!.setResult(1);
    assert.is(yield* seen, 'f1 f3 f4 f0 f2');
  }),
);

test('F09: any iterable; for await', async () => {
  const futures = make(3);
  const it = asCompleted(new Set(futures).values());
  setImmediate(() => futures.toReversed().forEach((future, at) => future.setResult(at)));
  const seen: string[] = [];
  for await (const future of it) seen.push(`${future.name}=${await future}`);
  assert.equal(seen, ['f2=0', 'f1=1', 'f0=2']);
  assert.equal(await it.next(), { done: true, value: undefined });
});

test('none', async () => {
  assert.is((await asCompleted([]).next()).done, true);
});

test(
  'the time counts from the call; what is done by then is given, and then it is the end',
  timed(function* () {
    const futures = make(5);
    const it = asCompleted(futures, { timeout: 100 });
    futures[1]!.setResult(1);
    yield* sleep(60);
    assert.is(((yield* it.next()) as IteratorResult<Numbers>).value.name, 'f1');
    const started = spawn(() => thrownIn(it.next()));
    yield* sleep(39);
    assert.is(started.ready(), false);
    yield* sleep(2);
    const error = yield* started;
    assert.instance(error, TimeoutError);
    assert.is(error.message, '4 (of 5) futures unfinished');
    assert.is(((yield* it.next()) as IteratorResult<Numbers>).done, true);
    const late = asCompleted(futures, { timeout: 5 });
    futures[2]!.setResult(1);
    yield* sleep(10);
    assert.is(((yield* late.next()) as IteratorResult<Numbers>).value.name, 'f1');
    assert.is(((yield* late.next()) as IteratorResult<Numbers>).value.name, 'f2');
    assert.is((yield* thrownIn(late.next())).message, '3 (of 5) futures unfinished');
  }),
);

test(
  'one who is killed or timed out takes nothing with it',
  timed(function* () {
    const futures = make(2);
    const it = asCompleted(futures);
    assert.instance(yield* thrownIn(withTimeout(5, () => it.next())), Timeout);
    const killed = spawn(() => it.next());
    const other = spawn(() => it.next());
    yield* sleep(1);
    yield* killed.kill();
    futures[1]!.setResult(1);
    assert.is(((yield* other) as IteratorResult<Numbers>).value.name, 'f1');
    futures[0]!.setResult(1);
    assert.is(((yield* it.next()) as IteratorResult<Numbers>).value.name, 'f0');
  }),
);

test(
  'several who wait get one each, in order, and the rest the end',
  timed(function* () {
    const futures = make(2);
    const it = asCompleted(futures);
    const waits = [1, 2, 3].map(() => spawn(() => it.next()));
    yield* sleep(1);
    futures[1]!.setResult(1);
    futures[0]!.setResult(1);
    const results: unknown[] = [];
    for (const one of waits) results.push((yield* one).value?.name);
    assert.equal(results, ['f1', 'f0', undefined]);
  }),
);

test('leaving early changes nothing for the futures', async () => {
  const futures = make(3);
  setImmediate(() => futures[1]!.setResult(1));
  for await (const future of asCompleted(futures)) {
    assert.is(future, futures[1]);
    break;
  }
  assert.equal(
    futures.map((future) => future.state),
    ['PENDING', 'FINISHED', 'PENDING'],
  );
  const it = asCompleted(futures);
  void (await it.next());
  const waiting = Promise.resolve(it.next());
  await turn();
  await it.return();
  assert.is((await waiting).done, true);
  futures[0]!.setResult(1);
});

test('bad input is told at once', () => {
  for (const [action, message] of [
    [() => asCompleted(new Future('f') as never), 'Expected a list of futures for asCompleted'],
    [() => asCompleted([1 as never]), 'Expected a Future at 0 of asCompleted, got 1'],
    [() => asCompleted([], { timeout: NaN }), 'as the timeout of asCompleted, got NaN'],
  ] as const) {
    const error = thrownBy(action);
    assert.instance(error, TypeError);
    assert.ok(error.message.includes(message), error.message);
  }
});

test('a time that is up is a rejection in async code', async () => {
  assert.instance(await rejection(asCompleted(make(1), { timeout: 1 }).next()), TimeoutError);
});

test('100,000 futures', { timeout: 20_000 }, async () => {
  const futures = make(100_000);
  const it = asCompleted(futures);
  let count = 0;
  const seen = (async () => {
    for await (const future of it) {
      const value = await future;
      count += value;
    }
  })();
  for (const future of futures) future.setResult(1);
  await seen;
  assert.is(count, 100_000);
});

test.run();
