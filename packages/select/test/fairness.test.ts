import { type Socket as NetSocket } from 'node:net';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { DefaultSelector, EVENT_READ, type Socket, sockRecv, sockSendall } from '../src/index.ts';
import { go, pair, withNet } from './support.ts';

const test = suite('fairness');

/** Sends as much as it can until it is stopped. */
function flood(socket: NetSocket): () => void {
  const block = Buffer.alloc(65_536);
  let on = true;
  const fill = () => {
    while (on && socket.write(block));
  };
  socket.on('drain', fill);
  fill();
  return () => void (on = false);
}

test('a peer that floods does not hold up another one, nor timers', async () => {
  using noisy = await withNet();
  using quiet = await pair();
  const stop = flood(noisy.far);
  using selector = new DefaultSelector<string>();
  selector.register(noisy.near, EVENT_READ, 'noisy');
  selector.register(quiet.near, EVENT_READ, 'quiet');
  let rounds = 0;
  let most = 0;
  let ticks = 0;
  let done = false;
  const timer = setInterval(() => ticks++, 1);
  const serving = (async () => {
    while (!done) {
      for (const [key] of await selector.select()) {
        const bytes = key.fileobj.recv(1 << 24);
        if (key.data === 'noisy') most = Math.max(most, bytes.length);
        else key.fileobj.send(bytes);
      }
      rounds++;
    }
  })();
  const before = rounds;
  for (let i = 0; i < 100; i++) {
    await sockSendall(quiet.far, Buffer.from('ping'));
    await sockRecv(quiet.far, 10);
  }
  const perPing = (rounds - before) / 100;
  done = true;
  await serving;
  clearInterval(timer);
  stop();
  // What one peer can have received of it in one round, whatever it sends.
  assert.ok(most > 0 && most <= 131_072, `${most} bytes in a round`);
  assert.ok(perPing <= 10, `${perPing} rounds for a ping`);
  assert.ok(ticks > 0, 'timers run');
});

test('the same with a greenlet for each connection', async () => {
  using noisy = await withNet();
  using quiet = await pair();
  const stop = flood(noisy.far);
  let swallowed = 0;
  function* swallow(socket: Socket) {
    while (!socket.closed) {
      try {
        swallowed += (yield* sockRecv(socket, 65_536)).length;
      } catch {
        return;
      }
    }
  }
  function* echo(socket: Socket) {
    for (let i = 0; i < 100; i++) yield* sockSendall(socket, yield* sockRecv(socket, 100));
  }
  const swallowing = go(() => swallow(noisy.near));
  const echoing = go(() => echo(quiet.near));
  let most = 0;
  for (let i = 0; i < 100; i++) {
    const before = swallowed;
    await sockSendall(quiet.far, Buffer.from('ping'));
    await sockRecv(quiet.far, 10);
    most = Math.max(most, swallowed - before);
  }
  await echoing;
  stop();
  noisy.near.close();
  await swallowing;
  assert.ok(swallowed > 0);
  assert.ok(most <= 20 * 131_072, `${most} bytes were received between a ping and its answer`);
});

test('what a poll looks at is what is ready, whatever is registered', async () => {
  const pairs = await Promise.all(Array.from({ length: 300 }, () => pair()));
  using selector = new DefaultSelector<number>();
  let looked = 0;
  pairs.forEach((one, at) => {
    selector.register(one.near, EVENT_READ, at);
    let events = one.near.events;
    Object.defineProperty(one.near, 'events', {
      get() {
        looked++;
        return events;
      },
      set(value: number) {
        events = value;
      },
    });
  });
  pairs[7]!.far.send(Buffer.from('x'));
  assert.equal(
    (await selector.select()).map(([key]) => key.data),
    [7],
  );
  looked = 0;
  for (let i = 0; i < 10; i++) await selector.select();
  assert.ok(looked <= 60, `looked ${looked} times in 10 selects`);
  for (const one of pairs) one[Symbol.dispose]();
});

test.run();
