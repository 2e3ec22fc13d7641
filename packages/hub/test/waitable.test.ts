/** What every waitable has in common: the same value under yield* and await, and what happens when it is used twice. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  all,
  idle,
  race,
  settled,
  shield,
  sleep,
  until,
  type Waitable,
  Waiter,
  withTimeout,
} from '@switchyard/hub';
import { ERROR, hub, PENDING, TimedWait, VALUE, Wait } from '@switchyard/hub/core';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('waitable');

const woken = (): Waitable<number> => {
  const waiter = new Waiter<number>();
  waiter.wake(7);
  return waiter;
};

const kinds: [string, () => Waitable<unknown>, unknown][] = [
  ['sleep(0)', () => sleep(0), undefined],
  ['sleep(1)', () => sleep(1), undefined],
  ['idle', () => idle(), undefined],
  ['until', () => until(Promise.resolve(5)), 5],
  ['until of a function', () => until(async () => 5), 5],
  ['all', () => all([sleep(0), until(Promise.resolve(1))]), [undefined, 1]],
  ['race', () => race([sleep(60_000), until(Promise.resolve(1))]), 1],
  ['race of a record', () => race({ late: sleep(60_000), now: until(Promise.resolve(1)) }), ['now', 1]],
  ['settled', () => settled([until(Promise.resolve(1))]), [{ status: 'fulfilled', value: 1 }]],
  ['withTimeout', () => withTimeout(1000, async () => 'x'), 'x'],
  ['shield', () => shield(async () => 'x'), 'x'],
  ['Waiter', woken, 7],
];

for (const [name, make, expected] of kinds) {
  test(`${name}: yield* and await give the same value`, async () => {
    assert.equal(await make(), expected);
    assert.equal(await make().then((value) => value), expected);
    assert.equal(
      await go(function* () {
        return yield* make();
      }),
      expected,
    );
  });

  test(`${name}: does nothing before somebody waits`, async () => {
    void make();
    await turn();
    assert.equal([hub.timers.size, hub.alive, hub.outsiders.size, hub.idlers.length], [0, 0, 0, 0]);
  });

  if (name === 'Waiter') continue;
  test(`${name}: used twice at a time, it acts twice`, async () => {
    const op = make();
    const results = await Promise.all([
      op,
      op,
      go(function* () {
        return yield* op;
      }),
    ]);
    assert.equal(results, [expected, expected, expected]);
    await go(function* () {
      assert.equal(yield* all([op, op]), [expected, expected]);
    });
  });

  test(`${name}: used one time after the other, it acts again`, async () => {
    const op = make();
    await go(function* () {
      assert.equal(yield* op, expected);
      assert.equal(yield* op, expected);
    });
    assert.equal(await op, expected);
  });
}

test('then passes a rejection to its second callback, or on', async () => {
  const error = new Error('no');
  const fails = until(Promise.reject(error));
  assert.is(
    await fails.then(
      () => 'fulfilled',
      (reason: unknown) => reason,
    ),
    error,
  );
  assert.is(await thrownBy(() => fails.then(undefined, null)), error);
});

test('returning one from an async function waits for it', async () => {
  const nap = async (): Promise<string> => until(Promise.resolve('waited'));
  assert.is(await nap(), 'waited');
});

/** A wait that counts what happens to it, as packages above write them. */
class Probe extends TimedWait<string> {
  begun = 0;
  detached = 0;
  expired = 0;
  answer: string | Error | typeof PENDING;

  constructor(limit = -1, answer: string | Error | typeof PENDING = PENDING) {
    super(limit);
    this.answer = answer;
  }

  override expire(): void {
    this.expired++;
    this.resume(VALUE, 'expired');
  }

  override describe(): string {
    return 'probe';
  }

  protected override begin(): string | typeof PENDING {
    this.begun++;
    if (this.answer instanceof Error) throw this.answer;
    if (this.answer === PENDING) this.startLimit();
    return this.answer;
  }

  protected override detach(): void {
    this.detached++;
  }
}

test('Wait: an answer that is there does not switch', async () => {
  await go(function* () {
    const before = hub.switches;
    assert.is(yield* new Probe(-1, 'ready'), 'ready');
    assert.is(hub.switches, before);
  });
  assert.is(await new Probe(-1, 'ready'), 'ready');
});

test('Wait: what begin throws goes to the one who waits', async () => {
  const error = new RangeError('begin');
  assert.is(await thrownBy(() => new Probe(-1, error)), error);
  assert.is(
    await thrownBy(() =>
      go(function* () {
        yield* new Probe(-1, error);
      }),
    ),
    error,
  );
});

test('Wait: resumed with a value or an error, it is not detached', async () => {
  const [good, bad] = [new Probe(), new Probe()];
  const error = new Error('x');
  const waiting = start('waiting', function* () {
    const value = yield* good;
    try {
      yield* bad;
    } catch (caught) {
      return [value, caught];
    }
    return [];
  });
  await turn();
  hub.schedule({ turn: () => good.resume(VALUE, 'value') });
  await turn();
  hub.schedule({ turn: () => bad.resume(ERROR, error) });
  await waiting.done;
  assert.equal(waiting.outcome, ['value', error]);
  assert.equal([good.detached, bad.detached], [0, 0]);
});

test('Wait: a resume that comes too late or twice does nothing', async () => {
  const probe = new Probe();
  const waiting = start('waiting', function* () {
    const value = yield* probe;
    yield* sleep(0);
    return value;
  });
  await turn();
  hub.schedule({
    turn() {
      probe.resume(VALUE, 'first');
      probe.resume(VALUE, 'second');
    },
  });
  await waiting.done;
  probe.resume(VALUE, 'third');
  assert.is(waiting.outcome, 'first');
});

test('Wait: a kill detaches it once, and stops its timer', async () => {
  const probe = new Probe(60_000);
  const waiting = start('waiting', function* () {
    yield* probe;
  });
  await turn();
  assert.equal([probe.parked, hub.timers.size], [true, 1]);
  waiting.kill();
  await waiting.done;
  assert.equal([probe.parked, probe.detached, hub.timers.size], [false, 1, 0]);
});

test('TimedWait: its time limit runs only while it is parked, and again at each wait', async () => {
  const probe = new Probe(2);
  assert.is(hub.timers.size, 0);
  assert.is(await probe, 'expired');
  assert.is(
    await go(function* () {
      return yield* probe;
    }),
    'expired',
  );
  assert.equal(await Promise.all([probe, probe]), ['expired', 'expired']);
  assert.is(hub.timers.size, 0);
});

test('Wait: a generator that is closed by hand undoes its wait', async () => {
  const probe = new Probe(60_000);
  await go(function* () {
    const iterator = (function* () {
      yield* probe;
    })();
    iterator.next();
    iterator.return();
    assert.equal([probe.detached, hub.timers.size], [1, 0]);
    yield* sleep(0);
  });
});

test('Wait is what they are', () => {
  assert.ok(sleep(1) instanceof Wait && until(() => 1) instanceof Wait && new Waiter() instanceof Wait);
});

test.run();
