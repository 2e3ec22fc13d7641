/** The errors of tasks that nobody asked for: reported once, when their future is gone or the process ends. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { program } from './future-support.ts';

const test = suite('errors that nobody retrieves');

const START = `
  import { getHub, sleep } from '@switchyard/hub';
  import { spawn } from '@switchyard/gevent';
  import { setTimeout as delay } from 'node:timers/promises';
  import { Future } from './src/future.ts';
  import { wait, FIRST_COMPLETED } from './src/wait.ts';
  import { asCompleted } from './src/as-completed.ts';
  async function collect() {
    for (let n = 0; n < 5; n++) { await delay(1); globalThis.gc(); }
  }
  function fails(name) {
    const future = new Future(name);
    future.setException(new RangeError('of ' + name));
    return future;
  }
`;

async function lines(source: string): Promise<string[]> {
  const { code, stdout, stderr } = await program(START + source, ['--expose-gc']);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
  return stdout.split('\n').filter((line) => line !== '');
}

const HOOK = `getHub().onError = (error) => console.log(error.name, error.task, error.message, error.cause.message);`;

test(
  'is reported once when the future is collected, with the name of the task',
  { timeout: 60_000 },
  async () => {
    assert.equal(
      await lines(`
      ${HOOK}
      (() => { fails('parse'); })();
      await collect();
      console.log('collected');
    `),
      [
        'UnretrievedError parse task parse failed, and nobody ever asked for its result of parse',
        'collected',
      ],
    );
  },
);

test('is reported when the process ends, however it does', { timeout: 60_000 }, async () => {
  for (const end of ['', 'process.exit(0);']) {
    assert.equal(
      await lines(`
        ${HOOK}
        globalThis.kept = [fails('one'), fails('two')];
        await collect();
        console.log('end');
        ${end}
      `),
      [
        'end',
        'UnretrievedError one task one failed, and nobody ever asked for its result of one',
        'UnretrievedError two task two failed, and nobody ever asked for its result of two',
      ],
    );
  }
});

test('is printed on stderr without a hook', { timeout: 60_000 }, async () => {
  const { code, stderr } = await program(`${START} globalThis.kept = fails('parse');`);
  assert.is(code, 0);
  assert.match(stderr, 'task parse failed, and nobody ever asked for its result');
  assert.match(stderr, 'RangeError: of parse');
});

test(
  'nothing is reported of what somebody has taken notice of, or that was cancelled',
  { timeout: 60_000 },
  async () => {
    assert.equal(
      await lines(`
      ${HOOK}
      const quiet = (error) => error;
      await fails('result').result().then(quiet, quiet);
      await fails('exception').exception();
      fails('callback').addDoneCallback(() => {});
      await wait([fails('wait')]);
      for await (const future of asCompleted([fails('asCompleted')]));
      fails('asCompleted not read') && asCompleted([fails('asCompleted')]);
      const late = ['result', 'callback', 'wait', 'asCompleted'].map((name) => new Future(name));
      const waits = [
        late[0].result().then(quiet, quiet),
        wait([late[2]]).then(quiet),
        asCompleted([late[3]]).next().then(quiet),
      ];
      late[1].addDoneCallback(() => {});
      await delay(1);
      for (const future of late) future.setException(new Error('late'));
      await Promise.all(waits);
      new Future('cancelled').cancel();
      new Future('killed').kill(new Error('reason'));
      await collect();
    `),
      [
        'UnretrievedError asCompleted not read task asCompleted not read failed, and nobody ever asked for its result of asCompleted not read',
      ],
    );
  },
);

test('one who is killed before it is told has not taken notice', { timeout: 60_000 }, async () => {
  assert.equal(
    await lines(`
      ${HOOK}
      await (async () => {
        const future = new Future('parse');
        const waiting = spawn(() => future.result({ timeout: 1000 }));
        const both = spawn(() => wait([future, new Future('other')]));
        await sleep(0);
        waiting.kill({ block: false });
        both.kill({ block: false });
        future.setException(new Error('of parse'));
        await waiting.join();
        await both.join();
      })();
      // The hub remembers whom it resumed last.
      await spawn(() => 1);
      await collect();
      console.log('collected');
    `),
    ['UnretrievedError parse task parse failed, and nobody ever asked for its result of parse', 'collected'],
  );
});

test('nothing stays behind of 100,000 failures', { timeout: 60_000 }, async () => {
  const [told, first, second] = (
    await lines(`
      let told = 0;
      getHub().onError = () => told++;
      async function heap() { await collect(); await delay(20); await collect(); return process.memoryUsage().heapUsed; }
      const error = new Error('x');
      async function round() {
        for (let n = 0; n < 100_000; n++) {
          const future = new Future('many');
          future.setException(error);
          if (n % 2 === 0) future.addDoneCallback(() => {});
        }
        await heap();
      }
      await round();
      const before = await heap();
      await round();
      const once = await heap();
      await round();
      console.log(told + '\\n' + (once - before) + '\\n' + ((await heap()) - once));
    `)
  ).map(Number);
  assert.is(told, 150_000);
  assert.ok(Math.min(first!, second!) < 1.5e6, `${first} and ${second} bytes stay behind`);
});

/** Programs that do something often, each round of which has to leave the heap where it was. */
const rounds: Record<string, string> = {
  'tasks, failures, kills, time limits, signals': `
    for (let n = 0; n < 2000; n++) {
      await pool.submit((x) => x, n);
      await pool.submit(() => { throw new Error('x'); }).exception();
      const future = pool.submit(() => sleep(1e6));
      await sleep(0);
      future.kill();
      await future.result().then(quiet, quiet);
      await pool.submitWith({ timeout: 1e6, signal: outside.signal, onProgress: quiet }, () => sleep(0));
      pool.submit(quiet).cancel();
    }
  `,
  'waits on a future that lives on, given up': `
    for (let n = 0; n < 2000; n++) {
      const all = [
        spawn(() => resident.result({ timeout: 1e6 })),
        spawn(() => resident.exception()),
        spawn(() => wait([resident, new Future('x')], { timeout: 1e6 })),
        spawn(function* () {
          const it = asCompleted([resident], { timeout: 1e6 });
          try { yield* it.next(); } finally { void it.return(); }
        }),
      ];
      await sleep(0);
      for (const one of all) await one.kill();
      const it = asCompleted([resident]);
      void it.return();
      const fn = () => {};
      resident.addDoneCallback(fn);
      resident.removeDoneCallback(fn);
    }
  `,
  'maps, read to the end and left': `
    for (let n = 0; n < 200; n++) {
      await pool.map((x) => x, Array.from({ length: 50 }, (_, at) => at), { timeout: 1e6 });
      for await (const x of pool.map((x) => x, [1, 2, 3, 4, 5, 6, 7], { buffersize: 2 })) if (x === 3) break;
      await pool.map((x) => { throw x; }, [1, 2, 3]).then(quiet, quiet);
    }
  `,
};

for (const [name, round] of Object.entries(rounds)) {
  test(`nothing stays behind: ${name}`, { timeout: 60_000 }, async () => {
    const [first, second] = (
      await lines(`
        import { GreenletPoolExecutor } from './src/greenlet-pool.ts';
        const pool = new GreenletPoolExecutor({ maxWorkers: 4 });
        const resident = new Future('resident');
        const outside = new AbortController();
        const quiet = () => {};
        async function heap() { await collect(); await collect(); return process.memoryUsage().heapUsed; }
        async function round() { ${round} }
        await round();
        await round();
        const before = await heap();
        await round();
        const once = await heap();
        await round();
        console.log((once - before) + '\\n' + ((await heap()) - once));
      `)
    ).map(Number);
    assert.ok(Math.min(first!, second!) < 4e5, `${first} and ${second} bytes stay behind`);
  });
}

test.run();
