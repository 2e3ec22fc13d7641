import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet } from '@switchyard/greenlet';
import { all, getHub, type GreenletInfo, race, sleep, until, Waiter, withTimeout } from '@switchyard/hub';
import { go, start, turn } from './support.ts';

const test = suite('run info');

/** Name without its number, state and wait, as deep as the tree goes. */
type Shape = [name: string, state: string, waitsFor: string | null, children: Shape[]];
const shape = (infos: GreenletInfo[]): Shape[] =>
  infos.map((info) => [info.name.replace(/-\d+$/, ''), info.state, info.waitsFor, shape(info.children)]);

test('a forest of the live: each below the one that spawned it, with its state and what it waits for', async () => {
  let inside: Shape[] = [];
  const children: { kill(): void; done: Promise<void> }[] = [];
  const parent = start('parent', function* () {
    children.push(
      start('sleeper', function* () {
        yield* sleep(60_000);
      }),
    );
    children.push(
      start('waiter', function* () {
        yield* new Waiter();
      }),
    );
    yield* sleep(0);
    start('fresh', function* () {});
    inside = shape(getHub().runInfo());
    yield* until(new Promise(() => {}));
  });
  await turn();
  assert.equal(inside, [
    [
      'parent',
      'running',
      null,
      [
        ['sleeper', 'parked', 'sleep 60000 ms', []],
        ['waiter', 'parked', 'Waiter', []],
        ['fresh', 'starting', null, []],
      ],
    ],
  ]);
  assert.is(getHub().alive, 3);
  assert.equal(shape(getHub().runInfo())[0]!.slice(0, 3), ['parent', 'parked', 'until(promise)']);
  parent.kill();
  await parent.done;
  assert.equal(
    shape(getHub().runInfo()).map(([name]) => name),
    ['sleeper', 'waiter'],
    'children outlive their parent, as roots',
  );
  for (const child of children) child.kill();
  await Promise.all(children.map(({ done }) => done));
  assert.equal(getHub().runInfo(), []);
});

test('what each kind of wait calls itself', async () => {
  const waits: [string, () => { kill(): void; done: Promise<void> }][] = [
    ['sleep 50000 ms', () => start('x', () => sleep(50_000) as never)],
    ['Waiter', () => start('x', () => new Waiter() as never)],
    ['until(promise)', () => start('x', () => until(new Promise(() => {})) as never)],
    [
      'until(loadPage)',
      () =>
        start(
          'x',
          () =>
            until(function loadPage() {
              return new Promise(() => {});
            }) as never,
        ),
    ],
    ['all (2 to come)', () => start('x', () => all([new Waiter(), new Waiter(), sleep(0)]) as never)],
    ['race of 2', () => start('x', () => race([new Waiter(), new Waiter()]) as never)],
  ];
  const started = waits.map(([, begin]) => begin());
  await turn();
  assert.equal(
    getHub()
      .runInfo()
      .map(({ waitsFor }) => waitsFor),
    waits.map(([text]) => text),
  );
  for (const one of started) one.kill();
  await Promise.all(started.map(({ done }) => done));
});

test('as text: one line each, indented by descent', async () => {
  let text = '';
  await go(function* () {
    const child = start('child', function* () {
      yield* sleep(60_000);
    });
    yield* sleep(0);
    text = getHub().formatRunInfo();
    child.kill();
    yield* until(child.done);
  });
  assert.match(text, /^ {2}go-\d+: running\n {4}child-\d+ waits for sleep 60000 ms\n$/);
});

test('branches of a combination stand below the greenlet that waits for them', async () => {
  function* branch() {
    yield* sleep(60_000);
  }
  const waiting = start('waiting', function* () {
    yield* all([branch(), branch()]);
  });
  await turn();
  assert.equal(shape(getHub().runInfo()), [
    [
      'waiting',
      'parked',
      'all (2 to come)',
      [
        ['all[0]', 'parked', 'sleep 60000 ms', []],
        ['all[1]', 'parked', 'sleep 60000 ms', []],
      ],
    ],
  ]);
  waiting.kill();
  await waiting.done;
});

test('a raw greenlet is listed while it waits, and the one that switched to it is suspended', async () => {
  let inside: Shape[] = [];
  const raw = new Greenlet(function* raw() {
    yield* sleep(5);
  });
  const observer = start('observer', function* () {
    yield* sleep(1);
    inside = shape(getHub().runInfo());
  });
  await go(function* () {
    raw.parent = getcurrent();
    yield* raw.switch();
  });
  await observer.done;
  assert.equal(inside, [
    ['observer', 'running', null, []],
    ['go', 'suspended', null, [['raw', 'parked', 'sleep 5 ms', []]]],
  ]);
  assert.equal(getHub().runInfo(), []);
});

test('spawn sites and ages only when they are tracked', async () => {
  const hub = getHub();
  const before = start('before', function* () {
    yield* new Waiter();
  });
  hub.trackSpawnSites = true;
  const after = start('after', function* () {
    yield* new Waiter();
  });
  hub.trackSpawnSites = false;
  await turn();
  const [first, second] = hub.runInfo();
  assert.equal([first!.spawnedAt, first!.age], [null, null]);
  assert.match(String(second!.spawnedAt), /support\.ts:\d+:\d+|run-info\.test\.ts:\d+:\d+/);
  assert.ok(second!.age! >= 0 && second!.age! < 60_000);
  assert.match(hub.formatRunInfo(), /after-\d+ waits for Waiter, \d+ ms old, spawned at .*\.ts:\d+:\d+/);
  before.kill();
  after.kill();
  await Promise.all([before.done, after.done]);
});

test('the number of switches counts resumptions', async () => {
  const hub = getHub();
  await go(function* () {
    const before = hub.switches;
    yield* sleep(0);
    yield* sleep(0);
    assert.is(hub.switches - before, 2);
    yield* withTimeout(60_000, () => 5);
    assert.is(hub.switches - before, 2);
  });
});

test.run();
