/** What happens when nothing is left that could wake those who wait. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Greenlet, GreenletExit } from '@switchyard/greenlet';
import { all, getHub, LoopExit, sleep, until, Waiter, withTimeout } from '@switchyard/hub';
import { go, program, start, thrownBy, turn } from './support.ts';

const test = suite('LoopExit');
const children = { timeout: 30_000 };

const preamble = `
  import { LoopExit, sleep, until, Waiter } from '@switchyard/hub';
  import { inStrand, Strand } from '@switchyard/hub/core';
  const spawn = (name, body) => new Strand(name, body, () => {});
`;

test(
  'a top-level await that can never end: exit code, and a tree of who waits for what',
  children,
  async () => {
    const outcome = await program(`${preamble}
    spawn('reader', function* () {
      spawn('parser', function* () { yield* new Waiter(); });
      yield* sleep(Infinity);
    });
    spawn('other', function* () { yield* until(new Promise(() => {})); });
    await inStrand('main program', function* () { yield* sleep(1); yield* new Waiter(); });
    console.log('never printed');
  `);
    assert.is(outcome.code, 1);
    assert.is(outcome.stdout, '');
    assert.match(
      outcome.stderr,
      'LoopExit: This would wait for ever: the event loop has run empty and nothing is left',
    );
    assert.match(
      outcome.stderr,
      / {2}await main program\nParked greenlets:\n {2}reader-\d+ waits for sleep Infinity ms\n {4}parser-\d+ waits for Waiter\n/,
    );
    assert.match(
      outcome.stderr,
      /\n {2}other-\d+ waits for until\(promise\)\n {2}main program-\d+ waits for Waiter\n/,
    );
  },
);

test('the same for an await in a function, whose rejection nobody handles', children, async () => {
  const outcome = await program(`${preamble}
    async function main() { await new Waiter(); }
    main();
  `);
  assert.is(outcome.code, 1);
  assert.match(outcome.stderr, /LoopExit: .*\n {2}await Waiter\n/);
});

test('one that is caught lets the program go on, and there may be a second one', children, async () => {
  const outcome = await program(`${preamble}
    for (const name of ['first', 'second']) {
      try {
        await inStrand(name, function* () { yield* new Waiter(); });
      } catch (error) {
        console.log(name, error instanceof LoopExit);
      }
    }
    process.exitCode = 3;
  `);
  assert.equal([outcome.code, outcome.stdout, outcome.stderr], [3, 'first true\nsecond true\n', '']);
});

test('one that a greenlet catches lets it go on, and wait for ever again', children, async () => {
  // The second one used to be missing: the process ended with code 13 and not a word.
  const outcome = await program(`${preamble}
    await inStrand('stubborn', function* () {
      try {
        yield* new Waiter();
      } catch (error) {
        console.log('caught', error instanceof LoopExit);
      }
      yield* new Waiter();
    });
  `);
  assert.equal([outcome.code, outcome.stdout], [1, 'caught true\n']);
  assert.match(outcome.stderr, /LoopExit: .*\n {2}await stubborn\n/);
});

test('parked greenlets that nobody outside waits for end with the process', children, async () => {
  const outcome = await program(`${preamble}
    spawn('forgotten', function* () {
      try { yield* new Waiter(); } finally { console.log('never printed'); }
    });
    await sleep(1);
    console.log('end of the program');
  `);
  assert.equal([outcome.code, outcome.stdout, outcome.stderr], [0, 'end of the program\n', '']);
});

test('a raw greenlet that waits is named as well', async () => {
  const raw = new Greenlet(function* raw() {
    yield* new Waiter();
  });
  const error = (await thrownBy(() =>
    go(function* () {
      yield* raw.switch();
    }),
  )) as Error;
  assert.instance(error, LoopExit);
  assert.match(error.message, /\n {2}go-\d+: suspended\n {2}raw-\d+ waits for Waiter\n/);
  raw[Symbol.dispose]();
});

test('those who wait are thrown it all at once, each with the tree of all', async () => {
  const results = await Promise.allSettled([
    new Waiter(),
    go(function* () {
      yield* new Waiter();
    }),
    all([new Waiter(), sleep(Infinity)]),
    until(new Promise(() => {})),
  ]);
  const errors = results.map((result) => (result as PromiseRejectedResult).reason as Error);
  assert.ok(errors.every((error) => error instanceof LoopExit && error === errors[0]));
  for (const what of ['Waiter', 'go', 'all (2 to come)', 'until(promise)']) {
    assert.match(errors[0]!.message, `\n  await ${what}\n`);
  }
});

test('a wait with a timeout is no wait for ever', async () => {
  assert.is(await withTimeout(5, new Waiter(), { value: 'late' }), 'late');
});

test('a wait that was given up is undone', async () => {
  let given = 0;
  const waiter = new Waiter(() => given++);
  assert.instance(await thrownBy(() => waiter), LoopExit);
  assert.equal([given, waiter.wake()], [1, false]);
});

test('cleanup runs, and may wait', async () => {
  const log: string[] = [];
  const error = await thrownBy(() =>
    go(function* () {
      try {
        yield* new Waiter();
      } finally {
        yield* sleep(1);
        log.push('cleaned');
      }
    }),
  );
  assert.instance(error, LoopExit);
  assert.equal(log, ['cleaned']);
});

test('a great many alike greenlets are folded into a count', async () => {
  const parked = Array.from({ length: 1000 }, () =>
    start('worker', function* () {
      yield* new Waiter();
    }),
  );
  await turn();
  const error = (await thrownBy(() => new Waiter())) as Error;
  const lines = error.message.split('\n').filter((line) => line.includes('worker'));
  assert.ok(lines.length < 30, `${lines.length} lines`);
  assert.match(error.message, /\n {2}\.\.\. and \d+ more like it\n/);
  for (const one of parked) one.kill(new GreenletExit());
  await Promise.all(parked.map(({ done }) => done));
  assert.is(getHub().alive, 0);
});

test.run();
