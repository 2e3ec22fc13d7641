/** Pipes between processes. */
import { sleep, withTimeout } from '@switchyard/hub';
import { inStrand } from '@switchyard/hub/core';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Lock } from '../src/lock.ts';
import { Pipe } from '../src/pipe.ts';
import { collect } from './collect.ts';
import { echo } from './told-tasks.ts';
import { endHelpers, type Helper, startHelpers, thrown } from './told-process.ts';

const test = suite('pipe');
const timeout = 30_000;

new Lock();
const spares = startHelpers(4);
const one = spares.shift() as Helper;
test.after(endHelpers);

test('M09: 16 MB there and back, then the end', { timeout }, async () => {
  const [here, there] = Pipe();
  const echoes = one.run(echo, there);
  // Sent, and closed here at once: it is the other process's alone.
  there.close();
  assert.throws(() => there.send(1), /closed/);
  const bytes = new Uint8Array(16 * 1024 * 1024).fill(5);
  for (const item of [1, 'two', { three: [3] }, bytes, undefined, null]) {
    await here.send(item);
    const back = await here.recv();
    if (item === bytes) assert.is((back as Uint8Array).length, bytes.length);
    else assert.equal(back, item);
  }
  here.close();
  assert.is(await echoes, 'EOFError');
  assert.is(await thrown(() => here.recv()), 'RuntimeError');
});

test('bytes go as they are', { timeout }, async () => {
  const [here, there] = Pipe();
  await one.keep({ there });
  await here.sendBytes(new Uint8Array([1, 2]));
  assert.equal(await one.act('there', 'recvBytes'), new Uint8Array([1, 2]));
  assert.throws(() => here.sendBytes('text' as never), /Expected a Uint8Array to send, got/);
});

test('M09: poll looks, waits, and says true at the end', { timeout }, async () => {
  const [here, there] = Pipe();
  await one.keep({ there });
  there.close();
  assert.is(await here.poll(), false);
  assert.is(await here.poll({ timeout: 10 }), false);
  const waits = here.poll({ timeout: null }).then((is) => is);
  await one.act('there', 'send', 'hello');
  assert.is(await waits, true);
  assert.is(await here.poll(), true);
  assert.is(await here.recv(), 'hello');
  assert.is(await here.poll(), false);
  const last = here.poll({ timeout: 20_000 }).then((is) => is);
  await one.act('there', 'close');
  assert.is(await last, true);
  assert.is(await thrown(() => here.recv()), 'EOFError');
  assert.is(await thrown(() => here.send(1)), 'BrokenPipeError');
  here.close();
});

test('M09: with duplex: false each end does one thing', { timeout }, async () => {
  const [reader, writer] = Pipe({ duplex: false });
  assert.equal(
    [reader.readable, reader.writable, writer.readable, writer.writable],
    [true, false, false, true],
  );
  await writer.send([1]);
  assert.is(await reader.poll(), true);
  assert.equal(await reader.recv(), [1]);
  assert.throws(() => reader.send(2), /this end of the pipe only receives/);
  assert.throws(() => writer.recv(), /this end of the pipe only sends/);
  assert.throws(() => writer.poll(), /only sends/);
  await one.keep({ writer });
  assert.is(await one.look('writer', 'readable'), false, 'also over there');
  await one.act('writer', 'close');
  writer.close();
  assert.is(await thrown(() => reader.recv()), 'EOFError');
  assert.throws(() => Pipe({ duplex: 1 as never }), /Expected true or false as duplex of a Pipe, got 1/);
});

test(
  'a process that is killed has closed its end, and what it has sent can be read',
  { timeout },
  async () => {
    const [here, there] = Pipe();
    const helper = spares.shift() as Helper;
    await helper.keep({ there });
    there.close();
    await helper.act('there', 'send', 'last words');
    await helper.look('there', 'closed');
    await helper.kill();
    assert.is(await here.recv(), 'last words');
    assert.is(await thrown(() => here.recv()), 'EOFError');
    here.close();
  },
);

test('a process that is killed before an end has come to it has not got it', { timeout }, async () => {
  const [here, there] = Pipe();
  const [second, third] = Pipe();
  const helper = spares.shift() as Helper;
  // It starts, or hears of it, but never opens it.
  process.kill(helper.peer.runtime.id, 'SIGSTOP');
  helper.run(echo, there).catch(() => {});
  helper.keep({ second }).catch(() => {});
  there.close();
  second.close();
  const ends = Promise.all([here, third].map((end) => thrown(() => end.recv())));
  await helper.kill();
  assert.equal(await ends, ['EOFError', 'EOFError']);
});

test('two processes talk, and this one only made the pipe', { timeout }, async () => {
  const [a, b] = Pipe();
  const helper = spares.shift() as Helper;
  const echoes = helper.run(echo, b);
  await one.keep({ a });
  a.close();
  b.close();
  for (let n = 0; n < 10; n++) {
    await one.act('a', 'send', n);
    assert.is(await one.act('a', 'recv'), n);
  }
  await one.act('a', 'close');
  assert.is(await echoes, 'EOFError');
});

test('a receive that is given up takes nothing, and the order holds', { timeout }, async () => {
  const [here, there] = Pipe();
  await one.keep({ there });
  const sending = (async () => {
    for (let n = 0; n < 200; n++) await one.act('there', 'send', n);
  })();
  await inStrand('reader', function* () {
    for (let n = 0; n < 200;) {
      const got = yield* withTimeout((n % 7) * 0.1, () => here.recv(), { value: null });
      if (got === null) yield* sleep(0);
      else assert.is(got, n++);
    }
  });
  await sending;
  await one.act('there', 'close');
  here.close();
  there.close();
});

test('an end that is nobody’s any more is closed', { timeout }, async () => {
  await halfOfAPipe();
  while ((await one.act('there', 'poll', { timeout: 5 })) === false) collect();
  assert.is(await one.act('there', 'recv'), 'EOFError');
});

/** Gives away one end, and forgets the other. */
async function halfOfAPipe(): Promise<void> {
  const [here, there] = Pipe();
  await one.keep({ there });
  there.close();
  assert.is(await here.poll(), false);
}

test.run();
