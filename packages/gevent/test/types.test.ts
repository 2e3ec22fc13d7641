/** What the compiler has to know: this file is checked with all the tests, and its lines must not need a cast. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  AsyncResult,
  type Coroutine,
  Event,
  type Greenlet,
  Group,
  iwait,
  joinall,
  Pool,
  Queue,
  race,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  wait,
} from '../src/index.ts';

const test = suite('types');

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
/** Compiles only when `B` is exactly `A`. */
function is<A>() {
  return <B>(_value: B, _same: Same<A, B>): void => undefined;
}

interface Page {
  readonly url: string;
}

test('yield* and await of the same thing have the same type', async () => {
  const queue = new Queue<Page>(null, [{ url: 'a' }, { url: 'b' }]);
  const greenlet = spawn(function* (): Coroutine<Page> {
    return yield* queue.get();
  });
  is<Greenlet<Page>>()(greenlet, true);
  const inside = spawn(function* () {
    const yielded = yield* greenlet;
    is<Page>()(yielded, true);
    const item = yield* queue.get();
    is<Page>()(item, true);
    return [yielded, item] as const;
  });
  const awaited = await greenlet;
  is<Page>()(awaited, true);
  const [yielded, item] = await inside;
  is<Page>()(item, true);
  assert.is(yielded, awaited);
  assert.is(item.url, 'b');
});

test('what is spawned is typed by what it comes to', async () => {
  is<Greenlet<number>>()(
    spawn((x: number) => x, 1),
    true,
  );
  is<Greenlet<number>>()(
    spawn(async (x: number) => x, 1),
    true,
  );
  is<Greenlet<number>>()(
    spawn(function* (x: number): Coroutine<number> {
      return x;
    }, 1),
    true,
  );
  is<Greenlet<void>>()(
    spawn(() => sleep(0)),
    true,
  );
  is<Greenlet<boolean>>()(
    spawn(() => readyEvent().wait()),
    true,
  );
  is<Greenlet<string>>()(
    spawnLater(0, () => 'x'),
    true,
  );
  await sleep(1);
});

function readyEvent(): Event {
  const event = new Event();
  event.set();
  return event;
}

test('the verbs are typed by what they give', async () => {
  const pool = new Pool(2);
  const group = new Group();
  const semaphore = new Semaphore(5);
  const result = new AsyncResult<Page>();
  result.set({ url: 'r' });
  await spawn(function* () {
    is<boolean>()(yield* semaphore.acquire(), true);
    is<Greenlet<string>>()(yield* pool.spawn((n: number) => String(n), 1), true);
    is<Greenlet<string>>()(
      group.spawn((n: number) => String(n), 1),
      true,
    );
    is<string[]>()(yield* pool.map((n: number) => String(n), [1, 2]), true);
    is<number>()(yield* pool.apply(async (n: number) => n, [1]), true);
    is<IteratorResult<number, undefined>>()(yield* pool.imap((n: number) => n, [1]).next(), true);
    is<Page>()(yield* result, true);
    is<Page | undefined>()(yield* result.wait(), true);
    const greenlets = [spawn(() => 1)];
    is<Greenlet<number>[]>()(yield* joinall(greenlets), true);
    is<boolean>()(yield* wait(null, { timeout: 0 }), true);
    const objects = [readyEvent()];
    is<Event[]>()(yield* wait(objects), true);
    is<IteratorResult<Event, undefined>>()(yield* iwait(objects).next(), true);
    is<Page | number>()(yield* race([result, spawn(() => 1)]), true);
  });
  await group.join();
});

test('arguments are checked against the target', () => {
  const target = (n: number): number => n;
  const never = (): void => {
    // @ts-expect-error a string for a number
    spawn(target, 'x');
    // @ts-expect-error one too many
    spawn(target, 1, 2);
    // @ts-expect-error milliseconds come first
    spawnLater(target, 1);
    // @ts-expect-error a timeout is an option
    void new Event().wait(100);
    // @ts-expect-error a pool's function takes the items
    void new Pool(1).map(target, ['x']);
    spawn(function* () {
      // @ts-expect-error a promise is no waitable: until(promise)
      yield* Promise.resolve(1);
    });
  };
  assert.type(never, 'function');
});

test('a greenlet of one type is one of a wider type', () => {
  const narrow = (): Greenlet<number> => spawn(() => 1);
  const wide: () => Greenlet<unknown> = narrow;
  const union: () => Greenlet<number | string> = narrow;
  assert.is(wide, union as unknown);
});

test.run();
