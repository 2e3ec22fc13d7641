/** Event and AsyncResult. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import {
  AsyncResult,
  type Coroutine,
  Event,
  GreenletExit,
  joinall,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  withTimeout,
} from '../src/index.ts';
import { Log, rejection, thrownBy, thrownIn, timed } from './support.ts';

const events = suite('Event');

events('set, clear and ask', { switches: false }, function* () {
  const event = new Event();
  assert.is(event.isSet(), false);
  assert.is(event.ready(), false);
  event.set();
  event.set();
  assert.is(event.isSet(), true);
  assert.is(yield* event.wait(), true, 'at once when it is set');
  event.clear();
  assert.is(event.isSet(), false);
});

events('set only wakes: nobody runs inside of it', function* () {
  const log = new Log();
  const event = new Event();
  const waiter = spawn(function* () {
    yield* event.wait();
    log.add('woken');
  });
  yield* sleep(0);
  event.set();
  log.add('set');
  yield* waiter;
  assert.is(log.take(), 'set, woken');
});

events('who waits gets true even if it has been cleared before he runs', function* () {
  const event = new Event();
  const waiters = [1, 2].map(() => spawn(() => event.wait()));
  yield* sleep(0);
  event.set();
  event.clear();
  yield* joinall(waiters);
  assert.equal(
    waiters.map((waiter) => waiter.value),
    [true, true],
  );
  assert.is(yield* event.wait({ timeout: 0 }), false);
});

events(
  'a timeout: false, and nobody is left in the line',
  timed(function* () {
    const event = new Event();
    assert.is(yield* event.wait({ timeout: 10 }), false);
    assert.is(event.linkcount(), 0);
    spawnLater(5, () => event.set());
    assert.is(yield* event.wait({ timeout: 10 }), true);
    yield* sleep(20);
  }),
);

// One who found the event set while the others were being told overtook them.
events('one who comes while it notifies goes behind those who came before, in the same turn', function* () {
  const log = new Log();
  const event = new Event();
  function* wait(name: string): Coroutine {
    log.add(name, yield* event.wait());
  }
  const waiters = [1, 2].map((n) => spawn(wait, String(n)));
  yield* sleep(0);
  const late = [spawn(wait, 'late 1'), spawn(wait, 'late 2')];
  const behind = spawn(() => log.add('behind'));
  // The notification is in the queue behind the late ones, who find the event set.
  event.set();
  yield* joinall([...waiters, ...late, behind]);
  assert.is(log.take(), 'behind, 1 true, 2 true, late 1 true, late 2 true');
});

// The second one stood in another line than the one it was taken out of, whose count was wrong ever after.
events('one who comes while it notifies may be killed', function* () {
  const event = new Event();
  const first = spawn(() => event.wait());
  const late = [1, 2, 3].map(() =>
    spawn(function* () {
      yield* sleep(0);
      return yield* event.wait();
    }),
  );
  yield* sleep(0);
  late[1]!.kill({ block: false });
  event.set();
  yield* joinall([first, ...late]);
  assert.instance(late[1]!.value, GreenletExit);
  assert.is(event.linkcount(), 0);
  event.clear();
  const next = spawn(() => event.wait());
  yield* sleep(0);
  assert.is(event.linkcount(), 1);
  event.set();
  assert.is(yield* next, true);
});

// He was put in a line that nobody looked at any more.
events('one who comes late and waits again is told again', function* () {
  const event = new Event();
  const first = spawn(() => event.wait());
  yield* sleep(0);
  const late = spawn(function* () {
    const seen = [yield* event.wait(), yield* event.wait()];
    return seen;
  });
  event.set();
  assert.equal(yield* late, [true, true]);
  yield* first;
});

events(
  'one who comes after a clear, while others are told, waits for the next set',
  timed(function* () {
    const log = new Log();
    const event = new Event();
    event.rawlink(() => {
      log.add('told');
      event.clear();
      event.rawlink(() => log.add('told again'));
    });
    event.rawlink(() => log.add('told too'));
    event.set();
    yield* sleep(10);
    assert.is(log.take(), 'told, told too');
    event.set();
    yield* sleep(10);
    assert.is(log.take(), 'told again');
  }),
);

// The last one of those to be told was unlinked, and one who came after it was told in its place.
events(
  'unlinking the last one does not let a later one slip in',
  timed(function* () {
    const log = new Log();
    const event = new Event();
    const last = (): void => log.add('last');
    event.rawlink(() => {
      event.unlink(last);
      event.clear();
      event.rawlink(() => log.add('later'));
    });
    event.rawlink(last);
    event.set();
    yield* sleep(10);
    assert.is(log.take(), '');
    event.set();
    yield* sleep(10);
    assert.is(log.take(), 'later');
  }),
);

events(
  'rawlink calls once, in the hub, also when it is set already; one that throws is reported',
  { greenletErrors: 1 },
  function* () {
    const log = new Log();
    const event = new Event();
    event.set();
    event.rawlink((source) => log.add('a', source === event));
    event.rawlink(() => {
      throw new Error('rawlink');
    });
    event.rawlink(() => log.add('c'));
    log.add('linked');
    yield* sleep(0);
    event.clear();
    event.set();
    yield* sleep(0);
    assert.is(log.take(), 'linked, a true, c');
  },
);

events('unlink takes back one rawlink', function* () {
  const log = new Log();
  const event = new Event();
  const callback = (): void => log.add('called');
  event.rawlink(callback);
  event.rawlink(callback);
  event.unlink(callback);
  event.unlink(() => undefined);
  assert.is(event.linkcount(), 1);
  event.set();
  yield* sleep(0);
  assert.is(log.take(), 'called');
});

events('a thousand who wait are told in order, and timers and others get their turn meanwhile', function* () {
  const seen: number[] = [];
  const event = new Event();
  const waiters = Array.from({ length: 1000 }, (_, n) =>
    spawn(function* () {
      yield* event.wait();
      seen.push(n);
      // The one in the middle of a batch, and the last one of it.
      if (n === 100 || n === 255) waiters[n + 1]!.kill({ block: false });
    }),
  );
  yield* sleep(0);
  event.set();
  yield* joinall(waiters);
  assert.is(seen.length, 1000);
  assert.ok(seen.every((n, at) => n === at));
});

events('is awaited as it is yielded', async () => {
  const event = new Event();
  const wait = event.wait();
  const both = [wait, wait].map((one) => one.then((value) => value));
  assert.is(await event.wait({ timeout: 1 }), false);
  event.set();
  assert.equal(await Promise.all(both), [true, true]);
});

events.run();

const results = suite('AsyncResult');

results('a value: for those who wait, in order, and those who come later', function* () {
  const log = new Log();
  const result = new AsyncResult<number>();
  const waiters = [1, 2, 3].map((n) =>
    spawn(function* () {
      log.add(n, yield* n === 2 ? result.wait() : result.get());
    }),
  );
  yield* sleep(0);
  assert.is(result.ready(), false);
  assert.is(result.value, undefined);
  result.set(5);
  assert.is(result.ready(), true);
  assert.is(result.successful(), true);
  assert.is(result.value, 5);
  yield* joinall(waiters);
  assert.is(log.take(), '1 5, 2 5, 3 5');
  assert.is(result.getNowait(), 5);
  assert.is(yield* result, 5);
  assert.is(yield* result.wait(), 5);
});

results('undefined and null are values', function* () {
  const result = new AsyncResult<undefined>();
  result.set();
  assert.is(result.ready(), true);
  assert.is(yield* result.get(), undefined);
  const none = new AsyncResult<null>();
  none.set(null);
  assert.is(yield* none.get(), null);
});

results('an error: get throws it, wait gives nothing', function* () {
  const error = new Error('e');
  const result = new AsyncResult<number>();
  const waiter = spawn(() => result.wait());
  const getter = spawn(() => thrownIn(result));
  yield* sleep(0);
  result.setException(error);
  assert.is(result.ready(), true);
  assert.is(result.successful(), false);
  assert.is(result.exception, error);
  assert.is(result.value, undefined);
  assert.is(yield* waiter, undefined);
  assert.is(yield* getter, error);
  assert.is(
    thrownBy(() => result.getNowait()),
    error,
  );
  assert.is(yield* thrownIn(result.get({ block: false })), error);
});

results('what is set twice has the last value; an error does not win against a value', function* () {
  const result = new AsyncResult<number>();
  result.set(1);
  result.set(2);
  assert.is(yield* result, 2);
  result.setException(new Error('late'));
  assert.is(yield* result, 2);
});

results(
  'none yet: Timeout, at once or after the time',
  timed(function* () {
    const result = new AsyncResult<number>();
    assert.instance(
      thrownBy(() => result.getNowait()),
      Timeout,
    );
    assert.instance(yield* thrownIn(result.get({ block: false })), Timeout);
    assert.instance(yield* thrownIn(result.get({ timeout: 10 })), Timeout);
    assert.is(yield* result.wait({ timeout: 10 }), undefined);
    assert.is(result.linkcount(), 0);
  }),
);

results(
  'its own timeout is told from one around it',
  timed(function* () {
    const result = new AsyncResult<number>();
    using outer = Timeout.start(10);
    const thrown = yield* thrownIn(result.get({ timeout: 1000 }));
    assert.is(thrown, outer);
  }),
);

results('it is a waitable itself: yielded, awaited, raced', async () => {
  const result = new AsyncResult<string>();
  const awaited = Promise.resolve(result);
  const yielded = spawn(function* () {
    return yield* result;
  });
  result.set('v');
  assert.is(await awaited, 'v');
  assert.is(await yielded, 'v');
  const error = new Error('e');
  const failed = new AsyncResult();
  failed.setException(error);
  assert.is(await rejection(failed), error);
});

results('take takes over from anything that has an outcome', function* () {
  const source = new AsyncResult<number>();
  const copy = new AsyncResult<number>();
  source.rawlink((ended) => copy.take(ended));
  source.set(3);
  assert.is(yield* copy, 3);
});

results('a result that is there needs no switch', function* () {
  const result = new AsyncResult<number>();
  result.set(1);
  const before = getHub().switches;
  yield* result;
  yield* result.wait();
  yield* result.get({ timeout: 0 });
  assert.is(yield* withTimeout(10, result, { value: 0 }), 1);
  assert.is(getHub().switches, before);
});

results.run();
