/** Nurseries: children end with them, one failure kills the rest, and all errors are told. */
import { expectGreenletErrors, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  Event,
  getcurrent,
  type Greenlet,
  GreenletExit,
  Group,
  isInterrupt,
  type Nursery,
  nursery,
  shield,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@switchyard/gevent';
import { getHub, LoopExit } from '@switchyard/hub';
import { Log, program, rejection, thrownBy, thrownIn, timed } from './support.ts';

const test = suite('nursery');

/** The errors of the AggregateError that a waitable throws. */
function* errorsIn(wait: Iterable<unknown>) {
  const error = (yield* thrownIn(wait)) as AggregateError;
  assert.instance(error, AggregateError, String(error));
  return error.errors.map((one: Error) => one.message);
}

function* fail(message: string, ms = 0) {
  yield* sleep(ms);
  throw new Error(message);
}

/** A body that is killed, and says so when its cleanup is done. */
function closing(log: Log, word: string, ms: number) {
  return function* () {
    try {
      yield* sleep(1000);
    } finally {
      yield* sleep(ms);
      log.add(word);
    }
  };
}

test(
  'gives the value of its body, when all children have ended',
  timed(function* () {
    const log = new Log();
    const value = yield* nursery(function* (n) {
      n.spawn(function* () {
        yield* sleep(50);
        log.add('child');
      });
      log.add(n.size);
      yield* sleep(10);
      log.add('body');
      return 7;
    });
    log.add(value);
    assert.is(log.take(), '1, body, child, 7');
  }),
);

test(
  'children may be waited for, and have arguments; bodies may be plain functions',
  timed(function* () {
    const sum = yield* nursery(function* (n) {
      const a = n.spawn((x: number, y: number) => x * y, 2, 3);
      const b = n.spawn(async (x: number) => x, 4);
      return (yield* a) + (yield* b);
    });
    assert.is(sum, 10);
    assert.is(yield* nursery(() => 5), 5);
  }),
);

test('from async code, with async bodies and children', async () => {
  const log = new Log();
  const value = await nursery(async (n) => {
    n.spawn(async () => {
      await sleep(5);
      log.add('child');
    });
    return 'value';
  });
  log.add(value);
  assert.is(log.take(), 'child, value');
  const error = (await rejection(
    nursery(async (n) => {
      n.spawn(fail, 'child');
      await new Promise(() => {});
    }),
  )) as AggregateError;
  assert.instance(error, AggregateError);
  assert.is(error.errors.length, 1);
});

test(
  'one failure kills the siblings and the body, and waits for cleanups that wait',
  timed(function* () {
    const log = new Log();
    const before = getHub().now();
    const errors = yield* errorsIn(
      nursery(function* (n) {
        n.spawn(closing(log, 'sibling cleaned up', 30));
        n.spawn(fail, 'first', 10);
        try {
          yield* sleep(1000);
        } catch (error) {
          log.add('body', isInterrupt(error));
          throw error;
        }
      }),
    );
    assert.equal(errors, ['first']);
    assert.is(log.take(), 'body true, sibling cleaned up');
    assert.is(getHub().now() - before, 40);
  }),
);

test(
  'all errors, in order: of children, of cleanups, and of the body',
  timed(function* () {
    const errors = yield* errorsIn(
      nursery(function* (n) {
        n.spawn(fail, 'a', 10);
        n.spawn(fail, 'b', 10);
        n.spawn(function* () {
          try {
            yield* sleep(1000);
          } finally {
            yield* fail('cleanup', 5);
          }
        });
        try {
          yield* sleep(1000);
        } finally {
          yield* fail('body', 1);
        }
      }),
    );
    assert.equal(errors, ['a', 'b', 'body', 'cleanup']);
  }),
);

test(
  'a failing body kills the children; a single failure is an AggregateError as well',
  timed(function* () {
    let child: Greenlet<void> | undefined;
    const error = (yield* thrownIn(
      nursery(function* (n) {
        child = n.spawn(() => sleep(1000));
        yield* fail('body', 5);
      }),
    )) as AggregateError;
    assert.instance(error, AggregateError);
    assert.is(error.message, 'a failure in a nursery: body');
    assert.ok(child!.dead);
    assert.instance(child!.value, GreenletExit);
  }),
);

test(
  'a failure that the body hears of by waiting for the child is told once, and cannot be caught away',
  timed(function* () {
    const log = new Log();
    const errors = yield* errorsIn(
      nursery(function* (n) {
        const child = n.spawn(fail, 'child', 5);
        try {
          yield* child;
        } catch (error) {
          log.add(isInterrupt(error));
        }
        return 'as if nothing had been';
      }),
    );
    assert.equal(errors, ['child']);
    assert.is(log.take(), 'true');
    const again = yield* errorsIn(
      nursery(function* (n) {
        const child = n.spawn(() => {
          throw new Error('early');
        });
        yield* sleep(0);
        yield* child;
      }),
    );
    assert.equal(again, ['early']);
  }),
);

test(
  'nested: an inner failure is the failure of the child or body that it is in',
  timed(function* () {
    const log = new Log();
    const error = (yield* thrownIn(
      nursery(function* (outer) {
        outer.spawn(function* () {
          try {
            yield* sleep(1000);
          } finally {
            log.add('outer child');
          }
        });
        yield* nursery(function* (inner) {
          inner.spawn(fail, 'deep', 5);
          yield* sleep(1000);
        });
      }),
    )) as AggregateError;
    assert.instance(error.errors[0], AggregateError);
    assert.is(error.errors[0].errors[0].message, 'deep');
    assert.is(log.take(), 'outer child');
  }),
);

test(
  'nested: an outer failure ends the inner nursery first',
  timed(function* () {
    const log = new Log();
    const errors = yield* errorsIn(
      nursery(function* (outer) {
        outer.spawn(fail, 'outer', 5);
        try {
          yield* nursery(function* (inner) {
            inner.spawn(closing(log, 'inner child', 10));
            yield* sleep(1000);
          });
        } finally {
          log.add('inner nursery');
        }
      }),
    );
    assert.equal(errors, ['outer']);
    assert.is(log.take(), 'inner child, inner nursery');
  }),
);

for (const where of ['body', 'end'] as const) {
  test(
    `a kill of the one who waits passes as itself after the children have ended (at the ${where})`,
    timed(function* () {
      const log = new Log();
      class Mine extends Error {}
      for (const error of [new GreenletExit(), new Mine('mine')]) {
        const host = spawn(function* () {
          try {
            yield* nursery(function* (n) {
              n.spawn(closing(log, 'child', 10));
              if (where === 'body') yield* sleep(1000);
            });
          } catch (caught) {
            log.add(caught === error);
            throw caught;
          }
        });
        yield* sleep(5);
        yield* host.kill(error);
        assert.is(log.take(), 'child, true');
      }
    }),
  );

  test(
    `a timeout around it passes as itself, and its block ends with its value (at the ${where})`,
    timed(function* () {
      let child: Greenlet<void> | undefined;
      const body = () =>
        nursery(function* (n: Nursery) {
          child = n.spawn(() => sleep(1000));
          if (where === 'body') yield* sleep(1000);
          return 'no';
        });
      assert.is(yield* withTimeout(20, body, { value: 'late' }), 'late');
      assert.ok(child!.dead);
      const timeout = Timeout.start(20);
      assert.is(yield* thrownIn(body()), timeout);
    }),
  );
}

test(
  'a kill while it waits for cleanups is not lost behind a timeout, and waits for them as well',
  timed(function* () {
    const log = new Log();
    const host = spawn(() =>
      withTimeout(
        10,
        () =>
          nursery(function* (n) {
            n.spawn(closing(log, 'child', 50));
            yield* sleep(1000);
          }),
        { value: 'late' },
      ),
    );
    yield* sleep(20);
    yield* host.kill();
    assert.is(log.take(), 'child');
    assert.instance(host.value, GreenletExit);
  }),
);

test(
  'errors of children that nobody hears of, because an interrupt passes, are reported',
  timed(function* () {
    expectGreenletErrors(1);
    const result = yield* withTimeout(
      10,
      () =>
        nursery(function* (n) {
          n.spawn(function* () {
            try {
              yield* sleep(1000);
            } finally {
              yield* fail('cleanup', 5);
            }
          });
          yield* sleep(1000);
        }),
      { value: 'late' },
    );
    assert.is(result, 'late');
  }),
);

test(
  'cancel: from a child, from the body, from outside',
  timed(function* () {
    const log = new Log();
    const ended = yield* nursery(function* (n) {
      n.spawn(function* () {
        yield* sleep(5);
        n.cancel();
        yield* sleep(1000);
        log.add('not reached');
      });
      n.spawn(() => sleep(1000));
      try {
        yield* sleep(1000);
      } finally {
        log.add('body');
      }
      return 1;
    });
    assert.is(ended, undefined);
    const first = yield* nursery(function* (n) {
      const a = n.spawn(function* () {
        yield* sleep(5);
        return 'fast';
      });
      n.spawn(() => sleep(1000));
      const value = yield* a;
      n.cancel();
      yield* sleep(1);
      const late = n.spawn(() => log.add('never'));
      assert.ok(late.dead);
      return value;
    });
    assert.is(first, 'fast');
    assert.is(log.take(), 'body');
    assert.ok(getHub().now() < 100);
  }),
);

test(
  'a child that somebody kills is no failure, one whose own timeout escapes is',
  timed(function* () {
    const value = yield* nursery(function* (n) {
      const child = n.spawn(() => sleep(1000));
      yield* sleep(1);
      yield* child.kill();
      return 'value';
    });
    assert.is(value, 'value');
    const error = (yield* thrownIn(
      nursery((n) => void n.spawn(() => withTimeout(5, () => sleep(1000)))),
    )) as AggregateError;
    assert.instance(error.errors[0], Timeout);
  }),
);

test(
  'children may start more, also when the body has ended; afterwards nobody can',
  timed(function* () {
    const log = new Log();
    let kept: Nursery | undefined;
    yield* nursery((n) => {
      kept = n;
      n.spawn(function* () {
        yield* sleep(5);
        n.spawn(function* () {
          yield* sleep(5);
          log.add('grandchild');
        });
      });
    });
    assert.is(log.take(), 'grandchild');
    assert.match(thrownBy(() => kept!.spawn(() => {})).message, 'this nursery has ended');
    kept!.cancel();
  }),
);

test(
  'a shield in the body holds the failure of a child back until its end, a shield around the nursery does not',
  timed(function* () {
    const log = new Log();
    const inside = yield* errorsIn(
      nursery(function* (n) {
        n.spawn(fail, 'child', 5);
        yield* shield(function* () {
          yield* sleep(20);
          log.add('shielded part');
        });
        log.add('not reached');
      }),
    );
    assert.equal(inside, ['child']);
    assert.is(log.take(), 'shielded part');
    const around = yield* errorsIn(
      shield(() =>
        nursery(function* (n) {
          n.spawn(fail, 'child', 5);
          yield* sleep(1000);
          log.add('not reached');
        }),
      ),
    );
    assert.equal(around, ['child']);
    assert.is(log.take(), '');
  }),
);

test(
  'a body that ends behind its own shield takes the cancellation along',
  timed(function* () {
    const errors = yield* errorsIn(
      shield(function* () {
        yield* nursery(function* (n) {
          n.spawn(fail, 'child', 5);
          try {
            yield* sleep(1000);
          } catch {
            yield* sleep(1);
          }
        });
      }),
    );
    assert.equal(errors, ['child']);
    yield* sleep(10);
  }),
);

test(
  'a thousand children, one of which fails',
  timed(function* () {
    let cleaned = 0;
    const errors = yield* errorsIn(
      nursery(function* (n) {
        for (let i = 0; i < 1000; i++) {
          n.spawn(function* () {
            try {
              yield* sleep(i === 500 ? 5 : 1000);
              throw new Error('the one');
            } finally {
              yield* sleep(1);
              cleaned++;
            }
          });
        }
      }),
    );
    assert.equal(errors, ['the one']);
    assert.is(cleaned, 1000);
  }),
);

test(
  'run info names what it waits for, and the body is a greenlet’s own',
  timed(function* () {
    const host = spawn(() =>
      nursery((n) => {
        assert.is(getcurrent(), host as unknown);
        n.spawn(() => sleep(1000));
      }),
    );
    yield* sleep(1);
    assert.match(getHub().formatRunInfo(), 'waits for the children of its nursery (1 to come)');
    yield* host.kill();
  }),
);

test('children that wait for ever: whoever awaits gets a LoopExit, and they are killed', async () => {
  const { code, stdout } = await program(`
    import { Event, nursery, spawn } from '@switchyard/gevent';
    import { getHub } from '@switchyard/hub';
    const event = new Event();
    try {
      await nursery((n) => void n.spawn(function* () { try { yield* event.wait(); } finally { console.log('cleaned up'); } }));
    } catch (error) { console.log(error.name); }
    try {
      await nursery((n) => void n.spawn(function* () { try { yield* event.wait(); } finally { yield* event.wait(); } }));
    } catch (error) { console.log(error.name, getHub().alive); }
  `);
  assert.is(stdout, 'cleaned up\nLoopExit\nLoopExit 1\n');
  assert.is(code, 0);
  assert.is(LoopExit.name, 'LoopExit');
});

test('what is no function is refused', () => {
  assert.match(
    thrownBy(() => nursery(5 as never)).message,
    'Expected a function as the body of a nursery, got 5',
  );
});

test('a target that is no function is refused', async () => {
  const error = (await rejection(nursery((n) => void n.spawn(5 as never)))) as AggregateError;
  assert.match((error.errors[0] as Error).message, 'Expected a function as the body of a greenlet');
});

test('a group is disposed of by killing its members', async () => {
  const log = new Log();
  const group = new Group();
  {
    await using members = group;
    members.spawn(function* () {
      try {
        yield* new Event().wait();
      } finally {
        yield* sleep(1);
        log.add('cleaned up');
      }
    });
    await sleep(0);
  }
  assert.is(log.take(), 'cleaned up');
  assert.is(group.size, 0);
});

test.run();
