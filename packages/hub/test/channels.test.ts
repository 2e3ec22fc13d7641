/** What is published of greenlets, and what those who have to know hear of interrupts. */
import diagnostics from 'node:diagnostics_channel';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import {
  all,
  type Coroutine,
  type FinishMessage,
  shield,
  sleep,
  type SpawnMessage,
  Timeout,
} from '@switchyard/hub';
import { endRecord, hub, recordInterrupts } from '@switchyard/hub/core';
import { start, turn } from './support.ts';

const test = suite('channels');

test('every greenlet that the hub runs is published, at its start and its end', async () => {
  const lines: string[] = [];
  const spawned = (message: unknown): void => {
    const { greenlet, spawner } = message as SpawnMessage;
    lines.push(`spawn ${greenlet.name.split('-')[0]} ${spawner?.name.split('-')[0] ?? 'nobody'}`);
  };
  const finished = (message: unknown): void => {
    const { greenlet, failed, outcome } = message as FinishMessage;
    lines.push(`finish ${greenlet.name.split('-')[0]} ${failed} ${String(outcome)}`);
  };
  diagnostics.subscribe('switchyard:greenlet:spawn', spawned);
  diagnostics.subscribe('switchyard:greenlet:finish', finished);
  function* branch(): Coroutine<number> {
    yield* sleep(0);
    return 5;
  }
  await start('outer', function* () {
    yield* all([branch()]);
    throw new Error('boom');
  }).done;
  diagnostics.unsubscribe('switchyard:greenlet:spawn', spawned);
  diagnostics.unsubscribe('switchyard:greenlet:finish', finished);
  await start('unheard', () => {}).done;
  assert.equal(lines, [
    'spawn outer nobody',
    'spawn all[0] outer',
    'finish all[0] false 5',
    'finish outer true Error: boom',
  ]);
});

test('interrupts are recorded as they come, also behind a shield', async () => {
  const mine = new Error('mine');
  const victim = start('victim', function* () {
    yield* shield(() => sleep(5));
  });
  const { record, isNew } = recordInterrupts(victim.greenlet as never);
  assert.ok(isNew);
  assert.not(recordInterrupts(victim.greenlet as never).isNew);
  await turn();
  victim.kill(mine);
  await turn();
  assert.ok(record.has(mine));
  await victim.done;
  assert.is(victim.outcome, mine);
  endRecord(victim.greenlet as never);
});

test('while the program ends, an exit is thrown only once into each greenlet', async () => {
  hub.ending = new WeakSet();
  try {
    let cleaned = false;
    const victim = start('victim', function* () {
      try {
        yield* sleep(60_000);
      } finally {
        yield* sleep(5);
        cleaned = true;
      }
    });
    await turn();
    victim.kill();
    await turn();
    victim.kill(new GreenletExit());
    await victim.done;
    assert.ok(cleaned);
    const timed = start('timed', function* () {
      try {
        yield* sleep(60_000);
      } finally {
        using timeout = Timeout.start(5);
        yield* sleep(60_000);
        void timeout;
      }
    });
    await turn();
    timed.kill();
    await timed.done;
    assert.instance(timed.outcome, Timeout);
  } finally {
    hub.ending = null;
  }
});

test.run();
