/** Loops that never stop being runnable must starve neither timers nor sockets. */
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Coroutine, idle, sleep, Timeout, until, Waiter } from '@switchyard/hub';
import { go, start } from './support.ts';

const test = suite('fairness');

/** An echo server on this machine, and a client that has sent a line to it; `answer` is resolved by the echo. */
async function echo(): Promise<{ answer: Promise<string>; close: () => Promise<void> }> {
  const server = createServer((socket) => void socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client: Socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  await once(client, 'connect');
  const answer = once(client, 'data').then(([data]) => String(data));
  client.write('hello');
  return {
    answer,
    async close() {
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Each goes round and round until `stop` says so; none of them ever waits for the outside world. */
const loops: Record<string, (stop: () => boolean) => Promise<unknown>> = {
  'a sleep(0) loop': (stop) =>
    go(function* () {
      while (!stop()) yield* sleep(0);
    }),
  'a hundred sleep(0) loops': (stop) =>
    Promise.all(
      Array.from({ length: 100 }, () =>
        go(function* () {
          while (!stop()) yield* sleep(0);
        }),
      ),
    ),
  'two greenlets that wake each other': (stop) => {
    let [ping, pong] = [new Waiter(), new Waiter()];
    return Promise.all([
      go(function* () {
        while (!stop()) {
          pong.wake();
          yield* ping;
          ping = new Waiter();
        }
        pong.wake();
      }),
      go(function* () {
        while (!stop()) {
          yield* pong;
          pong = new Waiter();
          ping.wake();
        }
        ping.wake();
      }),
    ]);
  },
  'a chain of greenlets that start one another': (stop) =>
    new Promise<void>((resolve) => {
      const next = (): void => {
        if (stop()) resolve();
        else start('link', next);
      };
      next();
    }),
  'a loop of awaits': async (stop) => {
    while (!stop()) await sleep(0);
  },
  'a loop of resolved promises in a greenlet': (stop) =>
    go(function* () {
      const resolved = Promise.resolve();
      while (!stop()) yield* until(resolved);
    }),
  'an idle loop': (stop) =>
    go(function* () {
      while (!stop()) yield* idle();
    }),
};

for (const [name, loop] of Object.entries(loops)) {
  test(`${name} starves neither a timer nor a socket`, async () => {
    const { answer, close } = await echo();
    let echoed = '';
    let timer = false;
    void answer.then((text) => (echoed = text));
    setTimeout(() => (timer = true), 5);
    const begin = performance.now();
    // Ends by what it waits for, and in the end by the clock, so that a failure is told as one.
    await loop(() => (echoed !== '' && timer) || performance.now() - begin > 4000);
    assert.equal([echoed, timer], ['hello', true]);
    await close();
  });
}

test('a sleep and a timeout are not starved either', async () => {
  let done = false;
  const spinning = go(function* () {
    const begin = performance.now();
    while (!done && performance.now() - begin < 4000) yield* sleep(0);
    return done;
  });
  await go(function* (): Coroutine<void> {
    yield* sleep(3);
    using timeout = Timeout.start(3);
    try {
      yield* new Waiter();
    } catch (error) {
      assert.is(error, timeout);
    }
    done = true;
  });
  assert.is(await spinning, true);
});

test('many short timers do not starve the run queue', async () => {
  let left = 2000;
  let spins = 0;
  for (let i = 0; i < 2000; i++) {
    start('sleeper', function* () {
      yield* sleep(1 + (i % 5));
      left--;
    });
  }
  await go(function* () {
    while (left > 0) {
      spins++;
      yield* sleep(0);
    }
  });
  assert.ok(spins > 2, `${spins} turns`);
});

test.run();
