/** A prompt in a running program. */
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { BackdoorServer, Event, sleep, spawn } from '@switchyard/gevent';
import { program, rejection, thrownBy, turn } from './support.ts';

const test = suite('backdoor');

/** One who talks to it. */
class Client implements AsyncDisposable {
  readonly socket: Socket;
  private text = '';
  private heard = new Event();

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      this.heard.set();
    });
    this.socket.on('close', () => this.heard.set());
  }

  /** All that is said up to the next prompt. */
  async answer(): Promise<string> {
    for (;;) {
      const at = this.text.indexOf('>>> ');
      if (at >= 0) {
        const answer = this.text.slice(0, at);
        this.text = this.text.slice(at + 4);
        return answer;
      }
      if (this.socket.closed) throw new Error(`closed after ${JSON.stringify(this.text)}`);
      this.heard.clear();
      await this.heard.wait();
    }
  }

  async ask(line: string): Promise<string> {
    this.socket.write(`${line}\n`);
    return (await this.answer()).trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }
}

test('a session has the names of the runtime, the locals, and await', async () => {
  const shared = { answer: 42 };
  await using server = new BackdoorServer({ locals: { shared }, banner: 'Welcome' });
  const { port } = await server.start();
  assert.is(server.port, port);
  assert.is(server.address!.address, '127.0.0.1');
  await using client = new Client(port);
  assert.is(await client.answer(), 'Welcome\n');
  assert.is(await client.ask('shared.answer'), '42');
  assert.is(await client.ask('shared.answer = 43'), '43');
  assert.is(shared.answer, 43);
  assert.is(await client.ask('await spawn(function* () { yield* sleep(1); return 6 * 7; })'), '42');
  const parked = spawn(function* parked() {
    yield* new Event().wait();
  });
  await sleep(0);
  assert.match(await client.ask('printRunInfo()'), / {2}parked-\d+ waits for Event.wait$/);
  assert.match(await client.ask('hub.alive'), /^\d+$/);
  assert.match(await client.ask('formatRunInfo().length'), /^\d+$/);
  await parked.kill();
});

test('sessions have variables of their own; errors and ends concern nobody else', async () => {
  await using server = new BackdoorServer();
  const { port } = await server.start();
  await using first = new Client(port);
  await using second = new Client(port);
  await first.answer();
  await second.answer();
  assert.is(server.size, 2);
  await first.ask('var mine = 1');
  assert.match(await second.ask('mine'), 'mine is not defined');
  assert.match(await first.ask('throw new Error("boom")'), 'boom');
  assert.match(await first.ask('await Promise.reject(new Error("late"))'), 'late');
  assert.is(await first.ask('mine'), '1');
  const ended = once(first.socket, 'close');
  first.socket.write('.exit\n');
  await ended;
  assert.is(await second.ask('1 + 1'), '2');
  while (server.size > 1) await turn();
  await using third = new Client(port);
  assert.is(await third.answer(), '');
});

test('one who goes away in the middle does not take the server down', async () => {
  const gate = new Event();
  await using server = new BackdoorServer({ locals: { gate } });
  const { port } = await server.start();
  {
    await using client = new Client(port);
    await client.answer();
    client.socket.write('await gate.wait(); "x".repeat(1e6)\n');
    while (gate.linkcount() === 0) await turn();
    client.socket.resetAndDestroy();
    await once(client.socket, 'close');
  }
  while (server.size > 0) await turn();
  gate.set();
  await using next = new Client(port);
  assert.is(await next.answer(), '');
  assert.is(await next.ask('5'), '5');
});

test('stop ends the sessions, and start begins anew', async () => {
  const server = new BackdoorServer();
  const { port } = await server.start();
  assert.equal(await server.start(), server.address);
  await using client = new Client(port);
  await client.answer();
  const closed = once(client.socket, 'close');
  await server.stop();
  await closed;
  assert.is(server.port, null);
  await server.stop();
  const again = await server.start();
  await using other = new Client(again.port);
  await other.answer();
  await server.stop();
});

test('in a greenlet', async () => {
  await spawn(function* () {
    const server = new BackdoorServer();
    assert.is((yield* server.start()).port, server.port);
    yield* server.stop();
  });
});

test('a port that is taken is an error, and it can be tried again', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const server = new BackdoorServer({ port });
  assert.is(((await rejection(server.start())) as { code: string }).code, 'EADDRINUSE');
  assert.is(server.address, null);
  await new Promise((resolve) => void taken.close(resolve));
  assert.is((await server.start()).port, port);
  await server.stop();
});

test('hosts other than the loopback are refused unless allowed', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.0.0.1.example.org']) {
    const { message } = thrownBy(() => new BackdoorServer({ host }));
    assert.match(
      message,
      `Expected a loopback address such as 127.0.0.1 as the host of a BackdoorServer, got "${host}"`,
    );
    assert.is(new BackdoorServer({ host, allowRemote: true }).size, 0);
  }
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) new BackdoorServer({ host });
  assert.match(thrownBy(() => new BackdoorServer({ port: -1 })).message, 'got -1');
  assert.match(thrownBy(() => new BackdoorServer({ locals: 5 as never })).message, 'got 5');
});

test('with unref it does not keep the process alive', async () => {
  const { code, stdout } = await program(`
    import { BackdoorServer } from '@switchyard/gevent';
    import { connect } from 'node:net';
    const server = new BackdoorServer({ unref: true });
    const { port } = await server.start();
    const client = connect(port, '127.0.0.1');
    await new Promise((resolve) => client.once('data', resolve));
    client.unref();
    console.log('open', server.size);
  `);
  assert.is(stdout, 'open 1\n');
  assert.is(code, 0);
});

test.run();
