import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet, run } from '@switchyard/greenlet';
import { getHub, sleep } from '@switchyard/hub';
import { hub } from '@switchyard/hub/core';
import { program, Reporting, turn } from './support.ts';

const test = suite('error hook');
const children = { timeout: 30_000 };

const preamble = `
  import { getHub, sleep } from '@switchyard/hub';
  import { hub, ScheduledGreenlet } from '@switchyard/hub/core';
  class Reporting extends ScheduledGreenlet {
    finished(failed, outcome) { if (failed) hub.reports.report(outcome, this); }
  }
  function spawn(name, body) {
    const greenlet = new Reporting(body);
    greenlet.name = name;
    greenlet.enlist();
    hub.schedule(greenlet);
  }
`;

/** What the hook is told of while `action` and what it starts run. */
async function told(action: () => void): Promise<[unknown, Greenlet | null][]> {
  const before = hub.onError;
  const calls: [unknown, Greenlet | null][] = [];
  hub.onError = (error, greenlet) => void calls.push([error, greenlet]);
  try {
    action();
    await turn();
  } finally {
    hub.onError = before;
  }
  return calls;
}

test('is told the error and the greenlet', async () => {
  const error = new RangeError('x');
  let greenlet!: Greenlet;
  const calls = await told(() => {
    greenlet = new Reporting('fails', () => {
      throw error;
    });
  });
  assert.is(calls.length, 1);
  assert.ok(calls[0]![0] === error && calls[0]![1] === greenlet);
});

test('is told null where no greenlet is to blame', async () => {
  const error = new Error('in a callback');
  const calls = await told(() => {
    hub.schedule({
      turn() {
        throw error;
      },
    });
  });
  assert.equal(calls, [[error, null]]);
});

test('is told of a raw greenlet whose parent is the hub', async () => {
  const error = new RangeError('raw');
  const raw = new Greenlet(function* () {
    yield* sleep(0);
    throw error;
  }, hub.self);
  const calls = await told(() => hub.schedule({ turn: () => void run(raw.switch()) }));
  assert.is(calls.length, 1);
  assert.ok(calls[0]![0] === error && calls[0]![1] === raw);
});

test('the failure of one greenlet does not touch the others', async () => {
  const log: string[] = [];
  const calls = await told(() => {
    new Reporting('a', () => void log.push('a'));
    new Reporting('b', () => {
      throw new Error('b');
    });
    new Reporting('c', () => void log.push('c'));
  });
  assert.equal([log, calls.length], [['a', 'c'], 1]);
});

test(
  'by default the name and the stack are printed on stderr, and the program goes on',
  children,
  async () => {
    const outcome = await program(`${preamble}
    spawn('crawler', function* crawl() { yield* sleep(1); throw new RangeError('no such page'); });
    await sleep(5);
    console.log('goes on');
  `);
    assert.equal([outcome.code, outcome.stdout], [0, 'goes on\n']);
    assert.match(outcome.stderr, /^Greenlet crawler failed: RangeError: no such page\n {4}at .*crawl /);
    assert.not.match(outcome.stderr, 'spawned at');
  },
);

test('with trackSpawnSites the place of the spawn is printed too', children, async () => {
  const source = `${preamble}
    if (process.env.SWITCHYARD_TRACK !== '1') getHub().trackSpawnSites = true;
    function startCrawl() { spawn('crawler', () => { throw new Error('x'); }); }
    startCrawl();
    await sleep(1);
  `;
  for (const env of [{}, { SWITCHYARD_TRACK: '1' }]) {
    const outcome = await program(source, env);
    assert.match(outcome.stderr, /^Greenlet crawler failed: Error: x\n/);
    assert.match(outcome.stderr, /\n {2}spawned at .*\[eval1\]:\d+:\d+/);
  }
});

test('thrown values that are no errors are printed, causes are named', children, async () => {
  const outcome = await program(`${preamble}
    spawn('odd', () => { throw 'a string'; });
    spawn('caused', () => { throw new Error('outside', { cause: new Error('inside') }); });
    await sleep(1);
  `);
  assert.match(outcome.stderr, "Greenlet odd failed: 'a string'\n");
  assert.match(outcome.stderr, /Greenlet caused failed: Error: outside\n[^]*\[cause\]: Error: inside\n/);
});

test('a hook that throws loses nothing: both errors are printed', children, async () => {
  const outcome = await program(`${preamble}
    getHub().onError = () => { throw new TypeError('the hook itself'); };
    spawn('crawler', () => { throw new RangeError('no such page'); });
    await sleep(1);
    getHub().onError = null;
    spawn('second', () => { throw new RangeError('printed again'); });
    await sleep(1);
  `);
  assert.is(outcome.code, 0);
  assert.match(outcome.stderr, /^The error hook failed: TypeError: the hook itself\n/);
  assert.match(outcome.stderr, '\nGreenlet crawler failed: RangeError: no such page\n');
  assert.match(outcome.stderr, '\nGreenlet second failed: RangeError: printed again\n');
});

test('the hub is one, and can be reached', () => {
  assert.is(getHub(), getHub());
  assert.is(getHub(), hub);
});

test.run();
