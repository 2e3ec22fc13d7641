/** Who hears of an error: those who observe it, and otherwise the hub's hook, once. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub, withVirtualTime } from '@switchyard/hub';
import type { Coroutine } from '@switchyard/hub';
import {
  AsyncResult,
  type Greenlet,
  iwait,
  joinall,
  killall,
  sleep,
  spawn,
  wait,
  withTimeout,
} from '../src/index.ts';
import { program, turn } from './support.ts';

const test = suite('reporting');

interface Report {
  message: string;
  name: string | undefined;
}

/** What the hub's hook is told while `body` runs, and in the turns after it. */
async function reports(body: () => unknown): Promise<Report[]> {
  const hub = getHub();
  const before = hub.onError;
  const told: Report[] = [];
  hub.onError = (error, greenlet) =>
    told.push({ message: String((error as Error).message), name: greenlet?.name });
  try {
    await body();
    for (let n = 0; n < 5; n++) await turn();
  } finally {
    hub.onError = before;
  }
  return told;
}

const failing = (): never => {
  throw new Error('boom');
};

test('a failure that nobody observes is reported once, with the name', async () => {
  let g: Greenlet<unknown> | undefined;
  const told = await reports(async () => {
    g = spawn(failing);
    await sleep(1);
  });
  assert.equal(told, [{ message: 'boom', name: g?.name }]);
  assert.match(g?.name ?? '', /^failing-\d+$/);
});

test('so is that of an async function', async () => {
  const told = await reports(() => {
    spawn(async () => {
      await Promise.resolve();
      failing();
    });
    return turn();
  });
  assert.is(told.length, 1);
});

const observers: Record<string, (g: Greenlet<unknown>) => unknown> = {
  await: (g) => g.then(null, () => undefined),
  'yield*': (g) =>
    spawn(function* () {
      try {
        yield* g;
      } catch {}
    }),
  get: (g) => g.get().then(null, () => undefined),
  join: (g) => g.join(),
  link: (g) => g.link(() => undefined),
  linkException: (g) => g.linkException(() => undefined),
  rawlink: (g) => g.rawlink(() => undefined),
  'a link to an AsyncResult': (g) => g.link(new AsyncResult()),
  joinall: (g) => joinall([g]),
  'joinall that raises': (g) => joinall([g], { raiseError: true }).then(null, () => undefined),
  wait: (g) => wait([g]),
  iwait: async (g) => {
    for await (const _ of iwait([g]));
  },
};

for (const [name, observe] of Object.entries(observers)) {
  test(`one that is observed is not: ${name}, before the end`, async () => {
    const told = await reports(() => {
      // Calls `then` where there is one, as an `await` would.
      return Promise.resolve(observe(spawn(failing)));
    });
    assert.equal(told, []);
  });

  test(`one that is observed is not: ${name}, in the turn of the end`, async () => {
    const told = await reports(() => {
      let observed: unknown;
      const g = spawn(failing);
      spawn(() => {
        assert.is(g.ready(), true);
        observed = observe(g);
        // A greenlet that returned it would wait for it.
        return undefined;
      });
      return turn().then(() => observed);
    });
    assert.equal(told, []);
  });
}

test('reading the exception observes it, asking whether it was successful does not', async () => {
  const read = await reports(async () => {
    const g = spawn(failing);
    await sleep(0);
    assert.is(g.exception instanceof Error, true);
  });
  assert.equal(read, []);
  const asked = await reports(async () => {
    const g = spawn(failing);
    await sleep(0);
    assert.is(g.successful(), false);
    assert.is(g.value, undefined);
  });
  assert.is(asked.length, 1);
});

test('linkValue does not observe a failure', async () => {
  const told = await reports(() => {
    spawn(failing).linkValue(() => undefined);
    return turn();
  });
  assert.is(told.length, 1);
});

test('who gave up waiting observes nothing', async () => {
  const told = await reports(() =>
    withVirtualTime(function* () {
      const g = spawn(function* () {
        yield* sleep(50);
        failing();
      });
      yield* g.join({ timeout: 10 });
      const killed = spawn(() => g);
      yield* sleep(10);
      yield* killed.kill();
      yield* withTimeout(10, () => g, { value: undefined });
      yield* sleep(50);
    }),
  );
  assert.is(told.length, 1);
});

test('a kill with GreenletExit is nothing to report', async () => {
  assert.equal(
    await reports(async () => {
      const g = spawn(() => sleep(1000));
      await sleep(0);
      await g.kill();
    }),
    [],
  );
});

test('who kills with an error and waits knows it; who does not wait is not told, so that it is reported', async () => {
  const sleeper = (): Greenlet<unknown> => spawn(() => sleep(1000));
  const waited = await reports(async () => {
    const [a, b, c] = [sleeper(), sleeper(), sleeper()];
    await sleep(0);
    await a.kill(new Error('own'));
    await killall([b], { error: RangeError });
    await c.kill(new Error('too early'));
    await sleeper().kill(new Error('before the start'));
  });
  assert.equal(waited, []);
  const notWaited = await reports(async () => {
    const a = sleeper();
    await sleep(0);
    a.kill(new Error('own'), { block: false });
  });
  assert.is(notWaited.length, 1);
});

// Waiting for a death is not asking for what the cleanup threw: it used to get lost without a trace.
test('what a cleanup throws is reported, also when somebody waits for the death', async () => {
  function* cleanup(): Coroutine {
    yield* sleep(0);
    throw new Error('cleanup');
  }
  function* body(): Coroutine {
    try {
      yield* sleep(1000);
    } finally {
      yield* cleanup();
    }
  }
  const told = await reports(async () => {
    const [a, b] = [spawn(body), spawn(body)];
    await sleep(0);
    await a.kill();
    await killall([b]);
  });
  assert.equal(
    told.map(({ message }) => message),
    ['cleanup', 'cleanup'],
  );
});

test('a hook that throws does not stop the others', async () => {
  const { code, stdout, stderr } = await program(`
    import { getHub, withVirtualTime } from '@switchyard/hub';
    import { spawn, sleep } from '@switchyard/gevent';
    let calls = 0;
    getHub().onError = () => { calls++; throw new Error('hook'); };
    spawn(() => { throw new Error('first'); });
    spawn(() => { throw new Error('second'); });
    await sleep(5);
    console.log(calls);
  `);
  assert.is(stdout, '2\n');
  assert.is(code, 0);
  assert.match(stderr, 'hook');
});

test('by default it is printed on stderr: the name, the error, and where it was spawned when asked', async () => {
  const source = `
    import { spawn } from '@switchyard/gevent';
    function fetchPage() { throw new RangeError('no page', { cause: new Error('the cause') }); }
    spawn(fetchPage);
  `;
  const plain = await program(source);
  assert.is(plain.code, 0, 'a greenlet that fails does not end the process');
  assert.is(plain.stdout, '');
  assert.match(plain.stderr, /^Greenlet fetchPage-1 failed: RangeError: no page\n/);
  assert.match(plain.stderr, 'the cause');
  assert.not.match(plain.stderr, 'spawned at');
  assert.is(plain.stderr.match(/no page/g)?.length, 1, 'once');
  const tracked = await program(source, { env: { SWITCHYARD_TRACK: '1' } });
  assert.match(tracked.stderr, /\n {2}spawned at .*eval1.*:4:5/);
});

test('one that fails right before the process ends is reported all the same', async () => {
  const { stderr, code } = await program(`
    import { spawn } from '@switchyard/gevent';
    spawn(() => { throw new Error('late'); });
    queueMicrotask(() => queueMicrotask(() => process.exit(3)));
  `);
  assert.is(code, 3);
  assert.match(stderr, 'late');
});

test.run();
