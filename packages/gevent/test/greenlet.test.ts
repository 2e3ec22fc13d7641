/** Greenlets: what starts one, its life, what waiting for it gives. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import {
  AsyncResult,
  type Coroutine,
  Event,
  getcurrent,
  Greenlet,
  GreenletExit,
  joinall,
  Queue,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  until,
} from '../src/index.ts';
import { flags, Log, rejection, thrownBy, thrownIn, timed } from './support.ts';

const targets = suite('what starts a greenlet');

targets('a plain function', function* () {
  assert.is(yield* spawn((a: number, b: number) => a + b, 1, 2), 3);
});

targets('an async function', function* () {
  async function add(a: number, b: number): Promise<number> {
    await Promise.resolve();
    return a + b;
  }
  assert.is(yield* spawn(add, 1, 2), 3);
});

targets('a generator function', function* () {
  function* add(a: number, b: number): Coroutine<number> {
    yield* sleep(0);
    return a + b;
  }
  assert.is(yield* spawn(add, 1, 2), 3);
});

targets(
  'a plain function that returns a promise, a waitable, a greenlet or a coroutine: it is waited for',
  function* () {
    const queue = new Queue<string>(null, ['item']);
    const result = new AsyncResult<string>();
    result.set('set');
    assert.is(yield* spawn(() => Promise.resolve('promise')), 'promise');
    assert.is(yield* spawn(() => queue.get()), 'item');
    assert.is(yield* spawn(() => result), 'set');
    assert.is(yield* spawn(() => spawn(() => 'greenlet')), 'greenlet');
    assert.is(
      yield* spawn(() =>
        (function* (): Coroutine<string> {
          return 'coroutine';
        })(),
      ),
      'coroutine',
    );
  },
);

targets('a generator that returns a greenlet gives the greenlet', function* () {
  const inner = spawn(() => 1);
  const outer = spawn(function* () {
    return inner;
  });
  assert.is(yield* outer, inner);
  yield* inner;
});

targets('two greenlets may return the same waitable: each waits for itself', function* () {
  const event = new Event();
  const wait = event.wait();
  const both = [spawn(() => wait), spawn(() => wait)];
  yield* sleep(0);
  assert.is(event.linkcount(), 2);
  event.set();
  yield* joinall(both);
  assert.equal(
    both.map((g) => g.value),
    [true, true],
  );
});

targets('an async function that fails is a greenlet that failed', function* () {
  const error = new Error('later');
  const g = spawn(async () => {
    await Promise.resolve();
    throw error;
  });
  assert.is(yield* thrownIn(g), error);
  assert.is(g.exception, error);
  assert.is(g.successful(), false);
});

targets('this is the greenlet in a function', function* () {
  const g: Greenlet<unknown> = spawn(function (this: unknown) {
    return this === g && getcurrent() === (g as unknown);
  });
  assert.is(yield* g, true);
});

targets('one array is one argument', function* () {
  assert.equal(yield* spawn((list: number[]) => list, [1, 2]), [1, 2]);
  assert.equal(yield* spawn((...list: unknown[]) => list, undefined), [undefined]);
  assert.equal(yield* spawn((...list: unknown[]) => list), []);
});

targets('a subclass may define run, and spawn makes its instances', function* () {
  class Doubler extends Greenlet<number> {
    readonly n: number;
    constructor(n: number) {
      super();
      this.n = n;
    }
    override *run(): Coroutine<number> {
      yield* sleep(0);
      return this.n * 2;
    }
  }
  const made = new Doubler(2);
  made.start();
  const spawned = Doubler.spawn(3);
  const later = Doubler.spawnLater(0, 4);
  assert.instance(spawned, Doubler);
  const values: number[] = [yield* made, yield* spawned, yield* later];
  assert.equal(values, [4, 6, 8]);
  assert.match(made.name, /^Doubler-\d+$/);
});

targets('a subclass gets the arguments of the constructor in run', function* () {
  class Adder extends Greenlet<number> {
    override run(a: number, b: number): number {
      return a + b;
    }
  }
  const g = new Adder(null, 1, 2);
  g.start();
  assert.is(yield* g, 3);
});

targets('a greenlet without a body says so when it is started', () => {
  const error = thrownBy(() => new Greenlet().start());
  assert.instance(error, TypeError);
  assert.is(error.message, 'Expected a function as the body of a greenlet, got nothing');
});

targets('Greenlet.spawn and Greenlet.spawnLater are spawn and spawnLater', function* () {
  assert.is(yield* Greenlet.spawn((x: number) => x + 1, 1), 2);
  assert.is(yield* Greenlet.spawnLater(0, (x: number) => x + 1, 2), 3);
});

targets('spawnRaw runs in its turn, and its error is reported', { greenletErrors: 1 }, function* () {
  const log = new Log();
  spawnRaw((x: string) => log.add(x), 'raw');
  spawnRaw(() => {
    throw new Error('raw');
  });
  log.add('main');
  yield* sleep(0);
  assert.is(log.take(), 'main, raw');
});

targets.run();

const life = suite('the life of a greenlet');

life('start twice, or after the end, does nothing', function* () {
  let runs = 0;
  const g = new Greenlet(() => void runs++);
  g.start();
  g.start();
  yield* g.join();
  g.start();
  g.startLater(1);
  yield* sleep(0);
  assert.is(runs, 1);
  assert.is(getHub().formatRunInfo().includes(g.name), false);
});

life(
  'spawnLater starts after the time, and spawnLater(0) after what is spawned already',
  timed(function* () {
    const log = new Log();
    const later = spawnLater(20, () => log.add('20'));
    const zero = spawnLater(0, () => log.add('0'));
    const now = spawn(() => log.add('now'));
    assert.is(flags(later), 'TFFF');
    yield* joinall([later, zero, now]);
    assert.is(log.take(), 'now, 0, 20');
  }),
);

life(
  'one that starts later can be killed before, and leaves no timer',
  timed(function* () {
    const log = new Log();
    const g = spawnLater(20, () => log.add('body'));
    yield* g.kill();
    assert.is(flags(g), 'FTTT');
    yield* sleep(40);
    assert.is(log.take(), '');
  }),
);

life(
  'one that never starts by itself can be killed',
  timed(function* () {
    const g = spawnLater(Infinity, () => 1);
    yield* sleep(1000);
    assert.is(g.dead, false);
    yield* g.kill();
  }),
);

life('it is not dead while it runs, also in its first turn', function* () {
  const g: Greenlet<boolean[]> = new Greenlet<boolean[]>(() => [
    g.dead,
    g.ready(),
    (getcurrent() as unknown) === g,
  ]);
  g.start();
  assert.equal(yield* g, [false, false, true]);
});

life('its name is the name of its body and a number, or what it is set to', function* () {
  const named = spawn(function fetchPage() {
    return getcurrent().name;
  });
  assert.match(yield* named, /^fetchPage-\d+$/);
  named.name = 'other';
  assert.is(named.name, 'other');
  const anonymous = spawn(() => 1);
  assert.match(anonymous.name, /^Greenlet-\d+$/);
  yield* anonymous;
});

life(
  'a greenlet keeps the async context in which it was spawned, and its links that in which they were made',
  function* () {
    const store = new AsyncLocalStorage<string>();
    const log = new Log();
    const g = store.run('spawn', () =>
      spawn(function* () {
        yield* sleep(0);
        log.add('body', store.getStore());
      }),
    );
    store.run('link', () => g.link(() => log.add('link', store.getStore())));
    yield* g.join();
    assert.is(store.getStore(), undefined);
    assert.is(log.take(), 'body spawn, link link');
  },
);

life('await using kills it at the end of the block', async () => {
  let ended = '';
  {
    await using g = spawn(function* () {
      try {
        yield* sleep(10_000);
      } finally {
        yield* sleep(0);
        ended = 'cleaned up';
      }
    });
    await sleep(0);
    assert.is(g.dead, false);
  }
  assert.is(ended, 'cleaned up');
});

life.run();

const waiting = suite('waiting for a greenlet');

waiting('yield* and await give the same value, any number of times', async () => {
  const g = spawn(function* () {
    yield* sleep(0);
    return { answer: 42 };
  });
  const [first, second] = await Promise.all([g, g]);
  const third = await spawn(function* () {
    return [yield* g, yield* g.get()];
  });
  const value = g.value;
  for (const seen of [first, second, ...third]) assert.is(seen, value);
});

waiting('yield* and await throw the same error, the very object, each time', async () => {
  const error = new Error('same');
  const g = spawn(() => {
    throw error;
  });
  assert.is(await rejection(g), error);
  assert.is(await rejection(g), error);
  assert.is(await spawn(() => thrownIn(g)), error);
});

waiting('the value of a killed greenlet is its exit, and waiting for it throws that', async () => {
  const g = spawn(() => sleep(10_000));
  await sleep(0);
  await g.kill();
  assert.instance(g.value, GreenletExit);
  assert.is(await rejection(g), g.value);
  const [thrown] = await spawn(function* () {
    return [yield* thrownIn(g.get())];
  });
  assert.is(thrown, g.value);
});

waiting('an exit that the body throws itself is an exit like any other', function* () {
  const g = spawn(() => {
    throw new GreenletExit('enough');
  });
  yield* g.join();
  assert.is(g.successful(), true);
  assert.is((g.value as unknown as GreenletExit).message, 'enough');
});

waiting('joining what has ended does not park', function* () {
  const g = spawn(() => 1);
  yield* g.join();
  const before = getHub().switches;
  yield* g.join();
  yield* g.get();
  yield* g;
  yield* g.get({ block: false });
  yield* g.get({ timeout: 0 });
  assert.is(getHub().switches, before);
});

waiting('those who wait are told in the order in which they came, joins and gets alike', function* () {
  const log = new Log();
  const g = spawn(() => sleep(0));
  const waiters = [0, 1, 2, 3].map((n) =>
    spawn(function* () {
      yield* n % 2 === 0 ? g.join() : g.get();
      log.add(n);
    }),
  );
  yield* joinall(waiters);
  assert.is(log.take(), '0, 1, 2, 3');
});

waiting('a greenlet cannot wait for its own end', function* () {
  const g: Greenlet<unknown> = spawn(function* () {
    return [yield* thrownIn(g.join()), yield* thrownIn(g.get()), yield* thrownIn(joinall([g]))];
  });
  for (const error of (yield* g) as Error[]) {
    assert.is(error.name, 'GreenletError');
    assert.is(error.message, `greenlet ${g.name} cannot wait for its own end`);
  }
});

waiting(
  'a promise that is given up with LoopExit or a kill leaves no link behind',
  timed(function* () {
    const g = spawn(() => sleep(1000));
    const waiter = spawn(() => g);
    yield* sleep(0);
    yield* waiter.kill();
    yield* g.kill();
    assert.instance(g.value, GreenletExit);
  }),
);

waiting('until takes a greenlet for what it is', async () => {
  const g = spawn(() => 5);
  assert.is(await until(g), 5);
});

waiting.run();
