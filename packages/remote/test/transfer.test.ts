import { MessageChannel } from 'node:worker_threads';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { CloneError, inline, transfer } from '../src/index.ts';
import { holdsMoves } from '../src/core.ts';
import { Host, type Kind, kinds } from './support.ts';
import * as tasks from './tasks.ts';

const marks = suite('transfer');

marks('gives the value itself', () => {
  const bytes = new Uint8Array(8);
  assert.is(transfer(bytes), bytes);
});

marks('wrong arguments are named', () => {
  assert.throws(() => transfer(5 as never), /Expected something that holds buffers for transfer, got 5/);
  assert.throws(() => transfer({ a: 1 }), /holds nothing that can move/);
  assert.throws(() => transfer({}, 'x' as never), /Expected an array/);
  assert.throws(() => transfer({}, [1] as never), /Expected buffers or ports in the list of transfer, got 1/);
});

marks.run();

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after(() => host.end());
  const moves = kind === 'thread';

  test('arguments move to a thread, and are copied to a process', { timeout: 20_000 }, async () => {
    const bytes = new Uint8Array(1000);
    assert.is(await host.run(tasks.bytesOf, transfer(bytes)), 1000);
    assert.is(bytes.byteLength, moves ? 0 : 1000);
    const inside = { bytes: new Uint8Array(1000), other: new Uint8Array(10) };
    await host.run(tasks.give, [transfer(inside)]);
    assert.equal([inside.bytes.byteLength, inside.other.byteLength], moves ? [0, 0] : [1000, 10]);
    const some = { bytes: new Uint8Array(1000), other: new Uint8Array(10) };
    await host.run(tasks.give, transfer(some, [some.other.buffer]));
    assert.equal([some.bytes.byteLength, some.other.byteLength], moves ? [1000, 0] : [1000, 10]);
  });

  test('without a mark they are copied', async () => {
    const bytes = new Uint8Array(1000);
    assert.is(await host.run(tasks.bytesOf, bytes), 1000);
    assert.is(bytes.byteLength, 1000);
  });

  test('a mark holds for one time', async () => {
    const port = { bytes: new Uint8Array(4) };
    transfer(port);
    await host.run(tasks.give, port);
    port.bytes = new Uint8Array(4);
    await host.run(tasks.give, port);
    assert.is(port.bytes.byteLength, 4);
  });

  test('what has moved away cannot be sent again, and is said to have', async () => {
    const bytes = new Uint8Array(4);
    await host.run(tasks.give, transfer(bytes));
    if (!moves) {
      await host.run(tasks.give, bytes);
      return;
    }
    assert.throws(
      () => host.run(tasks.give, { bytes }),
      (error: Error) =>
        error instanceof CloneError &&
        /args\[0\]\.bytes: an? Uint8Array whose memory was moved away before/.test(error.message),
    );
  });

  test('what was refused has not moved, and still does', async () => {
    const bytes = transfer(new Uint8Array(8));
    assert.throws(() => host.run(tasks.give, bytes, () => 1), /args\[1\]: a function/);
    assert.is(bytes.byteLength, 8);
    await host.run(tasks.give, bytes);
    assert.is(bytes.byteLength, moves ? 0 : 8);
  });

  test('results move', async () => {
    const bytes = (await host.run(tasks.makeBytes, 1000)) as Uint8Array;
    assert.equal([bytes.byteLength, bytes[5]], [1000, 7]);
    assert.is(await host.run(tasks.leftBytes), moves ? 0 : 1000);
  });

  test('a small Buffer, whose memory others use too, is copied', async () => {
    const bytes = Buffer.from('small');
    const neighbour = Buffer.from('neighbour');
    assert.equal(
      Buffer.from((await host.run(tasks.give, transfer(bytes))) as Uint8Array),
      Buffer.from('small'),
    );
    assert.is(neighbour.toString(), 'neighbour');
    assert.is(Buffer.from('still there').toString(), 'still there');
  });

  test('ports move to threads, and nowhere else', async () => {
    const { port1, port2 } = new MessageChannel();
    assert.throws(() => host.run(tasks.give, port2), /^args\[0\]: a MessagePort cannot be sent/);
    if (!moves) {
      assert.throws(() => host.run(tasks.give, transfer(port2)), /^args\[0\]: a MessagePort cannot be sent/);
      port1.close();
      return;
    }
    assert.throws(() => host.run(tasks.give, transfer(port2), () => 1), /^args\[1\]: a function/);
    assert.not(holdsMoves(port1));
    assert.ok(holdsMoves(port2), 'it is still marked');
    const answer = new Promise((resolve) => port1.once('message', resolve));
    await host.run(
      inline((port: typeof port2) => {
        port.postMessage('hello');
        port.close();
      }),
      transfer(port2),
    );
    assert.is(await answer, 'hello');
    port1.close();
  });

  test.run();
}
