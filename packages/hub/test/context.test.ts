/** AsyncLocalStorage: what is there at the spawn is the greenlet's, after every suspension, and nobody else's. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet } from '@switchyard/greenlet';
import {
  all,
  type Coroutine,
  race,
  settled,
  shield,
  sleep,
  until,
  Waiter,
  withTimeout,
} from '@switchyard/hub';
import { go, start, turn } from './support.ts';

const test = suite('AsyncLocalStorage');
const storage = new AsyncLocalStorage<string>();

test('the value at the spawn is kept after every kind of suspension', async () => {
  const seen: unknown[] = [];
  const waiter = new Waiter();
  const greenlet = storage.run('mine', () =>
    start('greenlet', function* () {
      seen.push(storage.getStore());
      yield* sleep(0);
      seen.push(storage.getStore());
      yield* sleep(1);
      seen.push(storage.getStore());
      yield* until(Promise.resolve());
      seen.push(storage.getStore());
      yield* waiter;
      seen.push(storage.getStore());
    }),
  );
  setTimeout(() => storage.run('the waker', () => waiter.wake()), 5);
  await greenlet.done;
  assert.equal(seen, ['mine', 'mine', 'mine', 'mine', 'mine']);
});

test('siblings keep apart, however their turns are mixed', async () => {
  const wrong: string[] = [];
  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      storage.run(name, () =>
        go(function* () {
          for (let i = 0; i < 20; i++) {
            if (storage.getStore() !== name) wrong.push(`${name} saw ${storage.getStore()}`);
            yield* i % 3 === 0 ? sleep(1) : sleep(0);
          }
        }),
      ),
    ),
  );
  assert.equal(wrong, []);
});

test('a greenlet without a value sees none, whoever wakes it', async () => {
  const waiter = new Waiter();
  let seen: unknown = 'not run';
  const greenlet = start('plain', function* () {
    yield* waiter;
    seen = storage.getStore();
  });
  await turn();
  storage.run('the waker', () => waiter.wake());
  await greenlet.done;
  assert.is(seen, undefined);
});

test('a kill does not bring the context of the killer', async () => {
  let seen: unknown = 'not run';
  const victim = storage.run('victim', () =>
    start('victim', function* () {
      try {
        yield* new Waiter();
      } finally {
        yield* sleep(0);
        seen = storage.getStore();
      }
    }),
  );
  await turn();
  storage.run('killer', () => victim.kill());
  await victim.done;
  assert.is(seen, 'victim');
});

test('bodies of all, race, settled, withTimeout and shield have the value of the one who waits', async () => {
  const seen: string[] = [];
  function* branch(name: string): Coroutine<void> {
    yield* sleep(0);
    seen.push(`${name} ${storage.getStore()}`);
    yield* sleep(1);
    seen.push(`${name} ${storage.getStore()}`);
  }
  await storage.run('mine', () =>
    go(function* () {
      yield* all([branch('all')]);
      yield* race([branch('race')]);
      yield* settled([branch('settled')]);
      yield* withTimeout(1000, () => branch('withTimeout'));
      yield* shield(() => branch('shield'));
    }),
  );
  assert.is(seen.length, 10);
  assert.ok(
    seen.every((line) => line.endsWith(' mine')),
    seen.join(', '),
  );
});

test('the same under await', async () => {
  const seen: (string | undefined)[] = [];
  function* branch(): Coroutine<void> {
    yield* sleep(1);
    seen.push(storage.getStore());
  }
  await storage.run('mine', async () => {
    await all([branch(), branch()]);
    await withTimeout(1000, branch);
    await sleep(1);
    seen.push(storage.getStore());
  });
  assert.equal(seen, ['mine', 'mine', 'mine', 'mine']);
});

test('enterWith is kept by the greenlet, and does not leak out of it', async () => {
  const log: unknown[] = [];
  const gate = new Waiter();
  const entering = start('entering', function* () {
    storage.enterWith('entered');
    yield* sleep(0);
    log.push(['entering', storage.getStore()]);
    gate.wake();
    yield* sleep(1);
    log.push(['entering', storage.getStore()]);
  });
  const other = start('other', function* () {
    yield* gate;
    log.push(['other', storage.getStore()]);
    yield* sleep(2);
    log.push(['other', storage.getStore()]);
  });
  const later = start('later', () => void log.push(['later', storage.getStore()]));
  await Promise.all([entering.done, other.done, later.done]);
  log.push(['outside', storage.getStore()]);
  start('afterwards', () => void log.push(['afterwards', storage.getStore()]));
  await turn();
  assert.equal(log, [
    ['later', undefined],
    ['entering', 'entered'],
    ['other', undefined],
    ['entering', 'entered'],
    ['other', undefined],
    ['outside', undefined],
    ['afterwards', undefined],
  ]);
});

test('a greenlet that another one starts has the value of that moment', async () => {
  const seen: unknown[] = [];
  await storage.run('parent', () =>
    go(function* () {
      const inherits = start('child', function* () {
        yield* sleep(1);
        seen.push(storage.getStore());
      });
      const own = storage.run('own', () =>
        start('child', function* () {
          yield* sleep(1);
          seen.push(storage.getStore());
        }),
      );
      yield* until(Promise.all([inherits.done, own.done]));
      seen.push(storage.getStore());
    }),
  );
  assert.equal(seen, ['parent', 'own', 'parent']);
});

test('a raw greenlet that waits keeps the value that it waited with', async () => {
  const seen: unknown[] = [];
  await storage.run('mine', () =>
    go(function* () {
      const raw = new Greenlet(function* () {
        yield* sleep(1);
        seen.push(storage.getStore());
        yield* sleep(1);
        seen.push(storage.getStore());
      });
      yield* raw.switch();
      seen.push(storage.getStore());
    }),
  );
  assert.equal(seen, ['mine', 'mine', 'mine']);
});

test('AsyncLocalStorage.run inside of a greenlet ends with its callback', async () => {
  const seen: unknown[] = [];
  await go(function* () {
    storage.run('inside', () => void seen.push(storage.getStore()));
    seen.push(storage.getStore());
    yield* sleep(0);
    seen.push(storage.getStore());
  });
  assert.equal(seen, ['inside', undefined, undefined]);
});

test.run();
