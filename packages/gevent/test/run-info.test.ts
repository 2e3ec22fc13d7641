/** Seeing inside: run info as a text, and the diagnostics channels. */
import diagnostics from 'node:diagnostics_channel';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  Event,
  formatRunInfo,
  Greenlet,
  printRunInfo,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
} from '@switchyard/gevent';
import { type FinishMessage, getHub, type SpawnMessage } from '@switchyard/hub';
import { flags, Log, rejection, timed } from './support.ts';

const test = suite('seeing inside');

test('a tree of the live, with names, states, waits, ages and spawn sites', async () => {
  getHub().trackSpawnSites = true;
  const event = new Event();
  const parent = spawn(function* parent() {
    const child = spawn(function* child() {
      yield* event.wait();
    });
    child.name = 'my child';
    yield* child;
  });
  const later = spawnLater(60_000, () => {});
  later.name = 'later';
  await sleep(0);
  getHub().trackSpawnSites = false;
  const text = formatRunInfo();
  assert.match(text, /^3 greenlets, 0 awaits, 1 timer, \d+ switches\n/);
  const at = String.raw`, \d+ ms old, spawned at .*run-info\.test\.ts:\d+:\d+\)?\n`;
  assert.match(
    text,
    new RegExp(
      `\n {2}parent-\\d+ waits for the value of my child${at}` +
        ` {4}my child waits for Event.wait${at}` +
        ` {2}later waits for its start after 60000 ms${at}$`,
    ),
  );
  let written = '';
  printRunInfo({ write: (chunk) => (written += chunk) });
  assert.match(written, '\n    my child waits for Event.wait');
  event.set();
  await parent;
  await later.kill();
});

test('none', () => {
  assert.match(formatRunInfo(), /^0 greenlets, 0 awaits, 0 timers, \d+ switches\n$/);
});

/** Notes what a channel carries while a body runs. */
function subscribed(name: string, note: (message: never) => void): Disposable {
  const listener = (message: unknown): void => note(message as never);
  diagnostics.subscribe(name, listener);
  return { [Symbol.dispose]: () => void diagnostics.unsubscribe(name, listener) };
}

test('spawn and finish are published, with who, by whom and how', async () => {
  const log = new Log();
  using spawned = subscribed('switchyard:greenlet:spawn', ({ greenlet, spawner }: SpawnMessage) => {
    log.add('spawn', greenlet.name, 'by', spawner?.name ?? 'nobody');
  });
  using finished = subscribed(
    'switchyard:greenlet:finish',
    ({ greenlet, failed, outcome }: FinishMessage) => {
      assert.is(flags(greenlet as unknown as Greenlet).slice(0, 3), 'FTT');
      log.add('finish', greenlet.name, failed, outcome);
    },
  );
  const make = (name: string, body: () => unknown): Greenlet => {
    const greenlet = new Greenlet(body);
    greenlet.name = name;
    greenlet.start();
    return greenlet;
  };
  const parent = make('parent', () => {
    make('child', () => 5);
  });
  const failing = make('failing', () => {
    throw new Error('boom');
  });
  const killed = make('killed', () => sleep(1000));
  const never = make('never', () => {});
  never.kill({ block: false });
  const results = [parent.join(), rejection(failing)];
  await sleep(0);
  killed.kill({ block: false });
  await sleep(1);
  await Promise.all(results);
  assert.equal(log.lines, [
    'spawn parent by nobody',
    'spawn failing by nobody',
    'spawn killed by nobody',
    'spawn never by nobody',
    'finish never false GreenletExit',
    'spawn child by parent',
    'finish parent false undefined',
    'finish failing true Error: boom',
    'finish child false 5',
    'finish killed false GreenletExit',
  ]);
  void [spawned, finished];
});

test(
  'raw greenlets are published as well, and nothing is when nobody listens',
  timed(function* () {
    let count = 0;
    {
      using spawned = subscribed('switchyard:greenlet:spawn', () => count++);
      spawnRaw(() => {});
      yield* sleep(0);
      void spawned;
    }
    assert.is(count, 1);
    yield* spawn(() => {});
    assert.is(count, 1);
    assert.not(diagnostics.hasSubscribers('switchyard:greenlet:spawn'));
  }),
);

test.run();
