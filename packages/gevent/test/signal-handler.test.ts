/** Signal handlers that run in greenlets. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { constants } from 'node:os';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { AsyncResult, getcurrent, Greenlet, Queue, signalHandler, sleep } from '@switchyard/gevent';
import { signalled } from './signalled.ts';
import { program, thrownBy } from './support.ts';

const test = suite('signalHandler');

// Handlers do not keep the process alive.
let alive: NodeJS.Timeout;
test.before.each(() => {
  alive = setInterval(() => {}, 60_000);
});
test.after.each(() => clearInterval(alive));

test('runs its target, with its arguments, in a new greenlet at each signal', async () => {
  const queue = new Queue<[string, Greenlet]>();
  using handler = signalHandler(
    'SIGUSR2',
    function* (word: string) {
      yield* sleep(1);
      yield* queue.put([word, getcurrent() as unknown as Greenlet]);
    },
    'hello',
  );
  assert.is(handler.signal, 'SIGUSR2');
  process.kill(process.pid, 'SIGUSR2');
  const [word, first] = await queue.get();
  process.kill(process.pid, 'SIGUSR2');
  const [, second] = await queue.get();
  assert.is(word, 'hello');
  assert.instance(first, Greenlet);
  assert.is.not(first, second);
});

test('in the async context that it was set in, and by number', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = new AsyncResult<string | undefined>();
  const handler = storage.run('mine', () =>
    signalHandler(constants.signals.SIGUSR2, () => seen.set(storage.getStore())),
  );
  process.kill(process.pid, 'SIGUSR2');
  assert.is(await seen, 'mine');
  handler.cancel();
  handler.cancel();
});

test('a cancelled one is not told any more', async () => {
  let calls = 0;
  const handler = signalHandler('SIGUSR2', () => calls++);
  const count = process.listenerCount('SIGUSR2');
  handler.cancel();
  assert.is(process.listenerCount('SIGUSR2'), count - 1);
  const heard = once(process, 'SIGUSR2');
  process.kill(process.pid, 'SIGUSR2');
  await heard;
  await sleep(0);
  assert.is(calls, 0);
});

test('several handlers run in order', async () => {
  const queue = new Queue<number>();
  using first = signalHandler('SIGUSR2', () => queue.putNowait(1));
  using second = signalHandler('SIGUSR2', () => queue.putNowait(2));
  process.kill(process.pid, 'SIGUSR2');
  assert.equal([await queue.get(), await queue.get()], [1, 2]);
  void [first, second];
});

test('it does not keep the process alive', async () => {
  const { code } = await program(`
    import { signalHandler } from '@switchyard/gevent';
    signalHandler('SIGTERM', () => {});
  `);
  assert.is(code, 0);
});

test('an error is reported, and the process lives on', async () => {
  const { code, stdout, stderr } = await signalled(
    `
    import { signalHandler, sleep, Event } from '@switchyard/gevent';
    import { createServer } from 'node:net';
    const server = createServer().listen(0);
    const event = new Event();
    signalHandler('SIGTERM', function* stop() { event.set(); throw new Error('boom'); });
    console.log('ready');
    await event.wait();
    console.log('lives');
    server.close();
  `,
    ['ready', 'SIGTERM'],
  );
  assert.is(stdout, 'ready\nlives\n');
  assert.match(stderr, /Greenlet stop-\d+ failed: Error: boom/);
  assert.is(code, 0);
});

test('what cannot be handled is refused', () => {
  for (const [signal, said] of [
    ['SIGFOO', 'Expected the name or the number of a signal, such as \'SIGTERM\', got "SIGFOO"'],
    [4711, 'got 4711'],
    ['SIGKILL', 'Expected a signal that can be handled, got SIGKILL'],
    [9, 'got SIGKILL'],
  ] as const) {
    assert.match(thrownBy(() => signalHandler(signal as never, () => {})).message, said);
  }
  assert.match(thrownBy(() => signalHandler('SIGTERM', 5 as never)).message, 'Expected a function');
});

test.run();
