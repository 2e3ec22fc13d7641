/** main: a body as the program, ended by its own end or by signals, in processes of their own. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { main } from '@switchyard/gevent';
import { signalled } from './signalled.ts';
import { program, thrownBy } from './support.ts';

const test = suite('main');

const SERVER = `
  import { createServer } from 'node:net';
  import { Event, main, sleep, spawn, nursery, getcurrent } from '@switchyard/gevent';
  const server = createServer().listen(0); // keeps the process alive
`;

test('the exit code is 0 when the body returns, and what else there is is killed, and its cleanup waited for', async () => {
  const { code, stdout, stderr } = await program(`${SERVER}
    await main(function* () {
      spawn(function* () { try { yield* sleep(60_000); } finally { yield* sleep(20); console.log('cleaned up'); } });
      yield* sleep(1);
      console.log(getcurrent().name);
    });
    console.log('not reached');
  `);
  assert.is(stdout, 'main\ncleaned up\n');
  assert.is(stderr, '');
  assert.is(code, 0);
});

test('1 when it fails, and the error is told once', async () => {
  const bodies = [
    'function* () { throw new Error("boom"); }',
    'async () => { throw new Error("boom"); }',
    '() => { throw new Error("boom"); }',
  ];
  const outcomes = await Promise.all(bodies.map((body) => program(`${SERVER} await main(${body});`)));
  for (const { code, stderr } of outcomes) {
    assert.is(code, 1);
    assert.match(stderr, /^Greenlet main failed: Error: boom\n/);
    assert.is(stderr.split('boom').length, 2, stderr);
  }
});

test('process.exitCode counts when it returns, and all it has written arrives', async () => {
  const { code, stdout } = await program(`${SERVER}
    main(() => { process.exitCode = 3; process.stdout.write('x'.repeat(1_000_000)); });
  `);
  assert.is(code, 3);
  assert.is(stdout.length, 1_000_000);
});

test('a body that is killed has not failed', async () => {
  const { code, stderr } = await program(`${SERVER}
    main(function* () { const self = getcurrent(); spawn(() => self.kill()); yield* sleep(60_000); });
  `);
  assert.is(stderr, '');
  assert.is(code, 0);
});

test('a body that nothing can wake gets a LoopExit, after its cleanup 1', async () => {
  const { code, stdout, stderr } = await program(`
    import { Event, main } from '@switchyard/gevent';
    main(function* () { try { yield* new Event().wait(); } finally { console.log('cleaned up'); } });
  `);
  assert.is(stdout, 'cleaned up\n');
  assert.match(stderr, /^Greenlet main failed: LoopExit: This would wait for ever/);
  assert.match(stderr, 'main waits for Event.wait');
  assert.is(code, 1);
});

const TREE = `${SERVER}
  function* worker(name) {
    try { yield* sleep(60_000); } finally { yield* sleep(30); console.log(name, 'cleaned up'); }
  }
  main(function* () {
    spawn(worker, 'apart');
    yield* nursery(function* (n) {
      n.spawn(function* () {
        const mine = spawn(worker, 'grandchild');
        try { yield* mine; } finally { yield* mine.kill(); console.log('child'); }
      });
      yield* sleep(0);
      console.log('ready');
      yield* sleep(60_000);
    });
  });
`;

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} kills the whole tree, once each, and waits: ${expected}`, async () => {
    const { code, stdout, stderr } = await signalled(TREE, ['ready', signal]);
    assert.equal(stdout.split('\n').slice(0, 4).toSorted(), [
      'apart cleaned up',
      'child',
      'grandchild cleaned up',
      'ready',
    ]);
    assert.is(stderr, '');
    assert.is(code, expected);
  });
}

test('an async body is given up; what it has spawned is cleaned up', async () => {
  const { code, stdout } = await signalled(
    `${SERVER}
    main(async () => {
      spawn(function* () { try { yield* sleep(60_000); } finally { yield* sleep(10); console.log('cleaned up'); } });
      await sleep(0);
      console.log('ready');
      await new Promise(() => {});
    });`,
    ['ready', 'SIGINT'],
  );
  assert.is(stdout, 'ready\ncleaned up\n');
  assert.is(code, 130);
});

test('a second signal ends it at once', async () => {
  const { code, stdout } = await signalled(
    `${SERVER}
    main(function* () {
      try { console.log('ready'); yield* sleep(60_000); }
      finally { console.log('cleaning'); yield* sleep(60_000); console.log('not reached'); }
    }, { grace: 60_000 });`,
    ['ready', 'SIGINT'],
    ['cleaning', 'SIGTERM'],
  );
  assert.is(stdout, 'ready\ncleaning\n');
  assert.is(code, 143);
});

test('who outlives the grace time is named, and the program ends', async () => {
  const { code, stdout, stderr, ms } = await signalled(
    `${SERVER}
    main(function* () {
      spawn(function* stubborn() { for (;;) try { yield* sleep(60_000); } catch { console.log('no'); } });
      yield* sleep(0);
      console.log('ready');
      yield* sleep(60_000);
    }, { grace: 50 });`,
    ['ready', 'SIGTERM'],
  );
  assert.is(stdout, 'ready\nno\n');
  assert.match(
    stderr,
    /main has ended, and these greenlets have not:\n {2}stubborn-\d+ waits for sleep 60000 ms/,
  );
  assert.is(code, 143);
  assert.ok(ms >= 45, `${ms} ms`);
});

test('a cleanup that nothing can wake does not use up the grace time', async () => {
  const { code, stderr } = await program(`
    import { Event, main, sleep, spawn } from '@switchyard/gevent';
    main(function* () {
      spawn(function* stuck() { try { yield* sleep(60_000); } finally { yield* new Event().wait(); } });
      yield* sleep(1);
    }, { grace: 1e9 });
  `);
  assert.match(stderr, 'stuck-');
  assert.is(code, 0);
});

test('an error of a cleanup after a signal is told, and the code is that of the signal', async () => {
  const { code, stderr } = await signalled(
    `${SERVER}
    main(function* () {
      spawn(function* other() { try { yield* sleep(60_000); } finally { throw new Error('of other'); } });
      yield* sleep(0);
      try { console.log('ready'); yield* sleep(60_000); } finally { throw new Error('of main'); }
    });`,
    ['ready', 'SIGINT'],
  );
  assert.is(code, 130);
  assert.is(stderr.split('Error: of main').length, 2, stderr);
  assert.is(stderr.split('Error: of other').length, 2, stderr);
});

test('greenlets that have not begun do not, and shields are waited for', async () => {
  const { code, stdout } = await signalled(
    `${SERVER}
    import { shield, spawnLater } from '@switchyard/gevent';
    main(function* () {
      spawnLater(60_000, () => console.log('not reached'));
      console.log('ready');
      yield* shield(function* () { yield* sleep(50); console.log('shielded'); });
      console.log('not reached');
    });`,
    ['ready', 'SIGINT'],
  );
  assert.is(stdout, 'ready\nshielded\n');
  assert.is(code, 130);
});

test('other signals, if told', async () => {
  const { code } = await signalled(
    `${SERVER} main(function* () { console.log('ready'); yield* sleep(60_000); }, { signals: ['SIGHUP'] });`,
    ['ready', 'SIGHUP'],
  );
  assert.is(code, 129);
});

test('what cannot be used is refused', async () => {
  assert.match(
    thrownBy(() => main(5 as never)).message,
    'Expected a function as the body of a greenlet, got 5',
  );
  assert.match(
    thrownBy(() => main(() => {}, { grace: -1 })).message,
    'Expected milliseconds from 0 up as the grace of main, got -1',
  );
  assert.match(
    thrownBy(() => main(() => {}, { signals: ['SIGKILL'] })).message,
    'can be handled, got SIGKILL',
  );
  const { code, stderr } = await program(`${SERVER} main(() => { main(() => {}); });`);
  assert.is(code, 1);
  assert.match(stderr, 'Expected one main(body) in a process');
});

test.run();
