/** Connections that a process gives to its child. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Peer, sendHandle, startProcess } from '../src/core.ts';
import { answer } from './handle-tasks.ts';
import { TestCall } from './support.ts';

const test = suite('handles');

/** A child, and what has to be waited for at its end. */
function child(handles: boolean): { peer: Peer; gone: Promise<void> } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  const peer = new Peer((events) => startProcess(events, { handles }), { exited: () => resolve() });
  return { peer, gone: promise };
}

/** The server's side of a connection whose client has sent something already, and what the client gets. */
async function early(server: Server, text: string): Promise<[Socket, Promise<string>]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('utf8');
  client.write(text);
  let heard = '';
  client.on('data', (piece: string) => (heard += piece));
  return [(await accepted)[0], once(client, 'close').then(() => heard)];
}

test('a child answers on what it is given, bytes that came early included; what a dead one has not taken goes to another', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const first = child(true);
  const [kept, heard] = await early(server, 'kept');
  sendHandle(first.peer.runtime, { text: 'nobody' }, kept);
  // It is not even up.
  first.peer.runtime.kill();
  await first.gone;
  assert.not(kept.destroyed);

  const second = child(true);
  const call = new TestCall(answer, []);
  second.peer.push(call);
  const [socket, answered] = await early(server, 'early');
  for (const [one, text] of [
    [kept, 'again'],
    [socket, 'first'],
  ] as const) {
    sendHandle(second.peer.runtime, { text }, one);
  }
  const all = await Promise.race([Promise.all([heard, answered]), second.gone]);
  const { id } = second.peer.runtime;
  assert.equal(all, [`again kept of ${id}`, `first early of ${id}`]);
  sendHandle(second.peer.runtime, { text: 'end' }, null);
  assert.is(await call, 2);
  second.peer.stop();
  await second.gone;
  kept.destroy();
  socket.destroy();
  server.close();
});

test('one that was started without has no way for them', async () => {
  const { peer, gone } = child(false);
  assert.throws(() => sendHandle(peer.runtime, {}, null), /started with \{ handles: true \} for sendHandle/);
  peer.runtime.kill();
  await gone;
});

test.run();
