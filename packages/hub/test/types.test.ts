/** What has to compile, and what has not: `tsc` is the judge, running it is a formality. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  all,
  type Coroutine,
  type ErrorHook,
  getHub,
  type GreenletInfo,
  isInterrupt,
  race,
  settled,
  shield,
  sleep,
  type Target,
  Timeout,
  until,
  type Waitable,
  Waiter,
  withTimeout,
  withVirtualTime,
} from '@switchyard/hub';

const test = suite('types');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_verdict: Same<A, B>): void => {};

/** Never run: what it is about is compiled. */
const compiled = (..._bodies: unknown[]): void => {};

test('yield* and await give the same type', () => {
  compiled(
    function* (): Coroutine<void> {
      const nothing = yield* sleep(1);
      same<typeof nothing, void>(true);
      const number = yield* until(Promise.resolve(5));
      same<typeof number, number>(true);
      const text = yield* until(async (signal) => (signal.aborted ? 'a' : 'b'));
      same<typeof text, 'a' | 'b'>(true);
      const woken = yield* new Waiter<Date>();
      same<typeof woken, Date>(true);
    },
    async () => {
      const nothing = await sleep(1);
      same<typeof nothing, void>(true);
      const number = await until(Promise.resolve(5));
      same<typeof number, number>(true);
      const woken = await new Waiter<Date>();
      same<typeof woken, Date>(true);
    },
  );
});

test('all, race and settled keep the type of each', () => {
  compiled(function* (): Coroutine<void> {
    function* body(): Coroutine<string> {
      return 'x';
    }
    const values = yield* all([sleep(1), until(Promise.resolve(5)), body(), Promise.resolve(true)]);
    same<typeof values, [void, number, string, boolean]>(true);
    const list = yield* all([1, 2].map(() => body()));
    same<typeof list, string[]>(true);
    const first = yield* race([until(Promise.resolve(5)), body()]);
    same<typeof first, string | number>(true);
    const [key, value] = yield* race({ line: body(), tick: sleep(1) });
    same<typeof key, 'line' | 'tick'>(true);
    same<typeof value, string | void>(true);
    const won = yield* race({ line: body(), count: until(Promise.resolve(5)) });
    if (won[0] === 'line') same<(typeof won)[1], string>(true);
    const ends = yield* settled([body()]);
    same<typeof ends, [PromiseSettledResult<string>]>(true);
    // @ts-expect-error a number cannot be waited for
    yield* all([5]);
    // @ts-expect-error a function is no waitable
    yield* race([() => sleep(1)]);
  });
});

test('withTimeout, shield and withVirtualTime look into their body', () => {
  compiled(
    function* (): Coroutine<void> {
      function* body(): Coroutine<string> {
        return 'x';
      }
      const a = yield* withTimeout(1, body);
      same<typeof a, string>(true);
      const b = yield* withTimeout(1, async () => 5, { value: null });
      same<typeof b, number | null>(true);
      const c = yield* withTimeout(null, sleep(5));
      same<typeof c, void>(true);
      const d = yield* withTimeout(1, () => until(Promise.resolve(true)), { value: 'late' as const });
      same<typeof d, boolean | 'late'>(true);
      const e = yield* shield(body);
      same<typeof e, string>(true);
      const f = yield* withTimeout(1, body(), { value: 0 });
      same<typeof f, string | number>(true);
      const g = yield* shield(() => 5);
      same<typeof g, number>(true);
    },
    async () => {
      const a = await withVirtualTime(function* () {
        yield* sleep(1);
        return 5;
      });
      same<typeof a, number>(true);
    },
  );
});

test('a forgotten star does not compile', () => {
  compiled(function* (): Coroutine<void> {
    // @ts-expect-error a waitable is no suspension: the star is missing
    yield sleep(5);
    // @ts-expect-error a promise has to go through until
    yield* Promise.resolve(5);
  });
});

test('waitables go where promises go', () => {
  compiled(async () => {
    const [nothing, five] = await Promise.all([sleep(1), until(Promise.resolve(5))]);
    same<typeof nothing, void>(true);
    same<typeof five, number>(true);
    const like: PromiseLike<void> = sleep(1);
    const waitable: Waitable<unknown> = until(Promise.resolve(5));
    // @ts-expect-error a promise is no waitable
    const wrong: Waitable<void> = Promise.resolve();
    await Promise.all([like, waitable, wrong]);
  });
});

test('targets, hooks, timeouts', () => {
  compiled((error: unknown) => {
    const targets: Target<[number], string>[] = [
      function* (n: number) {
        yield* sleep(n);
        return 'generator';
      },
      async (n) => `${n}`,
      (n) => `${n}`,
      () => until(Promise.resolve('waitable')),
    ];
    const hook: ErrorHook = (thrown, greenlet) => void [thrown, greenlet?.name];
    getHub().onError = hook;
    getHub().onError = null;
    const infos: GreenletInfo[] = getHub().runInfo();
    if (isInterrupt(error)) same<typeof error.message, string>(true);
    using timeout = Timeout.start(5);
    same<typeof timeout.ms, number | null>(true);
    class Slow extends Timeout {}
    const slow: Slow = new Slow(5, 'slow');
    new Waiter().wake();
    // @ts-expect-error a value is missing
    new Waiter<number>().wake();
    void [targets, infos, slow];
  });
  assert.is(getHub(), getHub());
});

test.run();
