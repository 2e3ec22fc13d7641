import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import { LoopExit, shield, sleep, Timeout, Waiter, withTimeout, withVirtualTime } from '@switchyard/hub';
import { go, start, thrownBy, turn } from './support.ts';

const test = suite('shield');

test('gives what the body returns, whatever kind of body it is', async () => {
  assert.is(await shield(() => 5), 5);
  assert.is(await shield(async () => 'async'), 'async');
  assert.is(await shield(sleep(0)), undefined);
  assert.is(
    await go(function* () {
      return yield* shield(function* () {
        yield* sleep(0);
        return 'coroutine';
      });
    }),
    'coroutine',
  );
});

test('throws what the body throws', async () => {
  const error = new RangeError('body');
  assert.is(
    await thrownBy(() =>
      shield(() => {
        throw error;
      }),
    ),
    error,
  );
});

test('a kill waits for the end of the body, and is thrown from the block', async () => {
  const log: string[] = [];
  const gate = new Waiter();
  const careful = start('careful', function* () {
    try {
      yield* shield(function* () {
        yield* gate;
        log.push('body ended');
      });
      log.push('not reached');
    } catch (error) {
      log.push((error as Error).name);
      throw error;
    }
  });
  await turn();
  careful.kill();
  await turn();
  assert.is(careful.ended, false);
  gate.wake();
  await careful.done;
  assert.equal(log, ['body ended', 'GreenletExit']);
  assert.equal([careful.failed, careful.outcome instanceof GreenletExit], [false, true]);
});

test('a timeout waits as well', async () => {
  await withVirtualTime(function* () {
    let done = false;
    const body = function* () {
      yield* sleep(100);
      done = true;
    };
    try {
      yield* withTimeout(10, () => shield(body));
      assert.unreachable();
    } catch (error) {
      assert.instance(error, Timeout);
    }
    assert.is(done, true);
  });
});

test('nested shields are one', async () => {
  const log: string[] = [];
  const gates = [new Waiter(), new Waiter()];
  const careful = start('careful', function* () {
    yield* shield(function* () {
      yield* shield(function* () {
        yield* gates[0]!;
        log.push('inner');
      });
      log.push('between');
      yield* gates[1]!;
      log.push('outer');
    });
    log.push('not reached');
  });
  await turn();
  careful.kill();
  gates[0]!.wake();
  await turn();
  gates[1]!.wake();
  await careful.done;
  assert.equal(log, ['inner', 'between', 'outer']);
  assert.instance(careful.outcome, GreenletExit);
});

test('several interrupts come one after the other, in their order', async () => {
  const log: string[] = [];
  const gate = new Waiter();
  const careful = start('careful', function* () {
    const steps = [() => shield(gate), () => sleep(60_000), () => sleep(60_000)];
    for (const step of steps) {
      try {
        yield* step();
      } catch (error) {
        log.push((error as Error).message);
      }
    }
    return 'end';
  });
  await turn();
  for (const message of ['one', 'two', 'three']) careful.kill(new GreenletExit(message));
  await turn();
  gate.wake();
  await careful.done;
  assert.equal(log, ['one', 'two', 'three']);
  assert.is(careful.outcome, 'end');
});

test('what is left over from one shield waits for the end of the next', async () => {
  const log: string[] = [];
  const gates = [new Waiter(), new Waiter()];
  const careful = start('careful', function* () {
    for (const gate of gates) {
      try {
        yield* shield(gate);
        log.push('went on');
      } catch (error) {
        log.push((error as Error).message);
      }
    }
  });
  await turn();
  careful.kill(new GreenletExit('one'));
  careful.kill(new GreenletExit('two'));
  await turn();
  gates[0]!.wake();
  await turn();
  assert.equal(log, ['one']);
  assert.is(careful.ended, false, 'the second is held back by the second shield');
  gates[1]!.wake();
  await careful.done;
  assert.equal(log, ['one', 'two']);
});

test('a timeout that is cancelled meanwhile is not thrown', async () => {
  await withVirtualTime(function* () {
    const timeout = Timeout.start(10);
    yield* shield(function* () {
      yield* sleep(100);
      assert.equal([timeout.expired, timeout.pending], [true, false]);
      timeout.cancel();
    });
    yield* sleep(100);
  });
});

test('a timeout that is cancelled on its way from the shield is not thrown', async () => {
  // Two are held back: the first is thrown, and its handler ends the block of the second.
  const log = await withVirtualTime(function* () {
    const log: string[] = [];
    const second = new Timeout(20);
    try {
      yield* withTimeout(10, () => {
        second.start();
        return shield(sleep(100));
      });
    } catch (error) {
      assert.instance(error, Timeout);
      log.push('first');
    }
    second.cancel();
    yield* sleep(1000);
    log.push('slept on');
    return log;
  });
  assert.equal(log, ['first', 'slept on']);
});

test('nested timeouts that both expire behind a shield are each thrown once', async () => {
  // The outer one used to strike a second time, long after its block had ended.
  const log = await withVirtualTime(function* () {
    const log: unknown[] = [];
    log.push(
      yield* withTimeout(
        20,
        function* () {
          log.push(yield* withTimeout(10, () => shield(sleep(100)), { value: 'inner' }));
          return 'went on';
        },
        { value: 'outer' },
      ),
    );
    yield* sleep(1000);
    log.push('slept on');
    return log;
  });
  assert.equal(log, ['inner', 'outer', 'slept on']);
});

test('a timeout that the body starts itself passes its shield', async () => {
  // It used to be held back as if it came from outside: nothing inside of a shield could be timed out.
  const log = await withVirtualTime(function* () {
    const log: unknown[] = [];
    yield* shield(function* () {
      log.push(yield* withTimeout(10, sleep(1000), { value: 'inner' }));
      using timeout = Timeout.start(10);
      try {
        yield* sleep(1000);
      } catch (error) {
        log.push(error === timeout);
      }
    });
    return log;
  });
  assert.equal(log, ['inner', true]);
});

test('a timeout between two shields waits for the end of the inner one only', async () => {
  const log = await withVirtualTime(function* () {
    const log: string[] = [];
    const outside = withTimeout(
      5,
      function* () {
        yield* shield(function* () {
          const value = yield* withTimeout(
            10,
            () =>
              shield(function* () {
                yield* sleep(100);
                log.push('innermost ended');
              }),
            { value: 'middle' },
          );
          log.push(String(value));
          yield* sleep(1000);
          log.push('outer shield ended');
        });
        log.push('not reached');
      },
      { value: 'outside' },
    );
    log.push(String(yield* outside));
    return log;
  });
  assert.equal(log, ['innermost ended', 'middle', 'outer shield ended', 'outside']);
});

test('an error of the body is the cause of the interrupt that was held back', async () => {
  const gate = new Waiter();
  const error = new RangeError('body');
  const careful = start('careful', function* () {
    yield* shield(function* () {
      yield* gate;
      throw error;
    });
  });
  await turn();
  careful.kill();
  gate.wake();
  await careful.done;
  assert.is((careful.outcome as Error).cause, error);
});

test('afterwards the greenlet can be killed as ever', async () => {
  const careful = start('careful', function* () {
    yield* shield(sleep(0));
    yield* sleep(60_000);
  });
  await turn();
  careful.kill();
  await careful.done;
  assert.instance(careful.outcome, GreenletExit);
});

test('a body that can never end hears of it', async () => {
  // A LoopExit that was held back would never have been thrown, and the process ended without a word.
  const error = await thrownBy(() => shield(new Waiter()));
  assert.instance(error, LoopExit);
});

test('takes functions and what can be waited for', () => {
  assert.throws(
    () => shield(5 as never),
    /^Expected a function or something to wait for as the body of shield, got 5$/,
  );
});

test.run();
