import { suite } from '@switchyard/testing';
import { ConcurrentObjectUseError, until } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { Connections } from '../src/fetch/connections.ts';
import { fetch } from '../src/fetch/fetch.ts';
import type { FetchBody } from '../src/fetch/request-body.ts';
import { spawn } from '../src/greenlet.ts';
import { deferred, failure, read, serve, type TestServer } from './fetch-server.ts';

const bodies = suite('fetch bodies piece by piece');

/** Sends `size` bytes as fast as they are taken, and tells how many it could send so far. */
async function flooding(size: number): Promise<TestServer & { sent(): number; stuck(): Promise<void> }> {
  let sent = 0;
  let full = deferred();
  const server = await serve((_request, answer) => {
    const more = (): void => {
      while (sent < size && !answer.destroyed) {
        sent += 65_536;
        if (!answer.write(Buffer.alloc(65_536, sent / 65_536))) {
          full.resolve();
          answer.once('drain', more);
          return;
        }
      }
      answer.end();
    };
    more();
  });
  return Object.assign(server, {
    sent: () => sent,
    /** Nothing more has gone out for some turns of the event loop. */
    async stuck() {
      await full.promise;
      for (let last = -1, quiet = 0; quiet < 20;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        quiet = sent === last ? quiet + 1 : 0;
        last = sent;
      }
      full = deferred();
    },
  });
}

const huge = 64 * 1024 * 1024;

bodies('make the server wait while nobody reads', async () => {
  await using server = await flooding(huge);

  const response = await fetch(server.url);
  await server.stuck();
  // 256 KiB here, and what the two kernels hold.
  assert.ok(server.sent() < 16_000_000, `${server.sent()} bytes have been taken`);
  const chunks = response.chunks();
  let size = 0;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) size += next.value.length;

  assert.is(size, huge);
});

bodies('make the server wait for a slow greenlet', async () => {
  await using server = await flooding(huge);

  const size = await spawn(function* () {
    const response = yield* fetch(server.url);
    const chunks = response.chunks();
    const first = yield* chunks.next();
    yield* until(server.stuck());
    const taken = server.sent();
    response.cancel();
    return [first.done, taken] as const;
  });

  assert.is(size[0], false);
  assert.ok(size[1] < 16_000_000, `${size[1]} bytes have been taken`);
  await server.allClosed();
});

bodies('come as a web stream as well', async () => {
  await using server = await serve((_request, answer) => {
    answer.write('one ');
    setImmediate(() => answer.end('two'));
  });

  const response = await fetch(server.url);
  const stream = response.body!;
  assert.instance(stream, ReadableStream);
  assert.is(response.body, stream);
  assert.is(response.bodyUsed, false, 'to look at it is not to use it');
  let text = '';
  for await (const chunk of stream) text += Buffer.from(chunk).toString();

  assert.is(text, 'one two');
  assert.is(response.bodyUsed, true);
  assert.match((await failure(response.text())).message, 'has been read already');
});

bodies('keep the web stream and the readers apart', async () => {
  await using server = await serve((_request, answer) => answer.end('text'));

  const looked = await fetch(server.url);
  const stream = looked.body!;
  assert.is(await looked.text(), 'text', 'a stream that nobody has locked does not keep it');
  assert.instance(await failure(stream.getReader().read()), TypeError);

  const locked = await fetch(server.url);
  locked.body!.getReader();
  assert.match((await failure(locked.text())).message, 'has been read already');
});

bodies('close the connection when the web stream or the loop is left', async () => {
  await using server = await serve((_request, answer) => answer.write('first'));

  const streamed = await fetch(server.url);
  const reader = streamed.body!.getReader();
  assert.is(Buffer.from((await reader.read()).value!).toString(), 'first');
  await reader.cancel();
  await server.allClosed();

  for await (const chunk of (await fetch(server.url)).chunks()) {
    assert.is(Buffer.from(chunk).toString(), 'first');
    break;
  }
  await server.allClosed();
});

bodies('hand a failure to the web stream', async () => {
  const go = deferred();
  await using server = await serve(async (request, answer) => {
    answer.write('first');
    await go.promise;
    request.socket.resetAndDestroy();
  });

  const reader = (await fetch(server.url)).body!.getReader();
  await reader.read();
  go.resolve();
  const error = await failure(reader.read());

  assert.is(error.code, 'ECONNRESET');
});

bodies('are given up by cancel() and by using', async () => {
  await using server = await serve((_request, answer) => answer.write('part'));

  const response = await fetch(server.url);
  const reading = failure(response.text());
  response.cancel();
  assert.match((await reading).message, `The body of GET ${server.url}/ was cancelled`);
  {
    using _unread = await fetch(server.url);
  }
  await server.allClosed();

  const cancelled = await fetch(server.url);
  cancelled.cancel();
  assert.is(cancelled.bodyUsed, true);
  assert.match((await failure(cancelled.text())).message, 'was cancelled: there is nothing to read');
});

bodies('serve one greenlet at a time', async () => {
  await using server = await serve((_request, answer) => answer.write('part'));
  const response = await fetch(server.url);
  const chunks = response.chunks();
  await chunks.next();

  const first = failure(chunks.next());
  const second = await failure(chunks.next());
  response.cancel();

  assert.instance(second, ConcurrentObjectUseError);
  assert.match((await first).message, 'was cancelled');
});

const uploads = suite('fetch uploads');

interface Received {
  type: string;
  length: string;
  encoding: string;
  body: string;
}

async function receiving(): Promise<TestServer> {
  return serve(async (request, answer) => {
    const { headers } = request;
    const body = (await read(request)).toString('latin1');
    const { 'content-type': type, 'content-length': length, 'transfer-encoding': encoding } = headers;
    answer.end(JSON.stringify({ type, length, encoding, body }));
  });
}

uploads('send each kind of body with its type and length', async () => {
  await using server = await receiving();
  const send = async (body: FetchBody): Promise<Received> =>
    (await fetch(server.url, { method: 'POST', body })).json<Received>();

  const text = await send('grün');
  assert.equal([text.type, text.length, text.body], ['text/plain;charset=UTF-8', '5', 'gr\xc3\xbcn']);
  const form = await send(new URLSearchParams({ a: '1 2', b: '&' }));
  assert.equal([form.type, form.body], ['application/x-www-form-urlencoded;charset=UTF-8', 'a=1+2&b=%26']);
  const bytes = await send(new Uint8Array([9, 65, 66, 9]).subarray(1, 3));
  assert.equal([bytes.type, bytes.length, bytes.body], [undefined, '2', 'AB']);
  assert.is((await send(new Uint8Array([65, 66]).buffer)).body, 'AB');
  assert.is((await send(new DataView(new Uint8Array([65, 66]).buffer, 1))).body, 'B');
  const blob = await send(new Blob(['blob'], { type: 'text/css' }));
  assert.equal([blob.type, blob.length, blob.body], ['text/css', '4', 'blob']);
  const none = await send('');
  assert.equal([none.length, none.body], ['0', '']);
});

uploads('send a form with its files', async () => {
  await using server = await receiving();
  const form = new FormData();
  form.set('na"me', 'one\ntwo');
  form.set('file', new File(['content'], 'a.txt', { type: 'text/plain' }));

  const got = await (await fetch(server.url, { method: 'POST', body: form })).json<Received>();
  const parsed = await new globalThis.Response(got.body, {
    headers: { 'content-type': got.type },
  }).formData();

  assert.is(got.encoding, undefined, 'the length is known beforehand');
  assert.is(Number(got.length), got.body.length);
  assert.is(parsed.get('na"me'), 'one\r\ntwo');
  const file = parsed.get('file') as File;
  assert.equal([file.name, file.type, await file.text()], ['a.txt', 'text/plain', 'content']);
});

uploads('send streams and iterables in chunks, as they come', async () => {
  await using server = await receiving();
  async function* chunks(): AsyncGenerator<string | Uint8Array> {
    yield 'one ';
    yield Buffer.from('two ');
    yield 'three';
  }

  const iterable = await (await fetch(server.url, { method: 'POST', body: chunks() })).json<Received>();
  const stream = new Blob(['streamed']).stream() as ReadableStream<Uint8Array>;
  const streamed = await (await fetch(server.url, { method: 'PUT', body: stream })).json<Received>();
  const headers = { 'content-length': '13' };
  const sized = await (await fetch(server.url, { method: 'POST', body: chunks(), headers })).json<Received>();

  assert.equal([iterable.encoding, iterable.body], ['chunked', 'one two three']);
  assert.equal([streamed.encoding, streamed.body], ['chunked', 'streamed']);
  assert.equal([sized.encoding, sized.length, sized.body], [undefined, '13', 'one two three']);
});

uploads('fail with what the source throws, or with what is wrong about a chunk', async () => {
  await using server = await serve(() => {});
  const reason = new Error('no more');
  async function* breaking(): AsyncGenerator<string> {
    yield 'some';
    throw reason;
  }
  async function* wrong(): AsyncGenerator<never> {
    yield { a: 1 } as never;
  }

  const broken = await failure(fetch(server.url, { method: 'POST', body: breaking() }));
  assert.is(broken.cause, reason);
  const chunk = await failure(fetch(server.url, { method: 'POST', body: wrong() }));
  assert.match(
    chunk.message,
    "Expected each chunk of the request's `body` to be bytes or a string, got an object",
  );
});

uploads('end their source when they are killed', async () => {
  const taken = deferred();
  const ended = deferred();
  // A server that does not read would not see the end either.
  await using server = await serve((request) => request.resume());
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield 'x'.repeat(65_536);
        taken.resolve();
      }
    } finally {
      ended.resolve();
    }
  }
  const greenlet = spawn(function* () {
    yield* fetch(server.url, { method: 'POST', body: endless() });
  });
  await taken.promise;

  await greenlet.kill();

  await ended.promise;
  await server.allClosed();
});

uploads('refuse a stream that is used or locked, and do not send one twice', async () => {
  await using server = await receiving();
  const locked = new Blob(['x']).stream();
  locked.getReader();
  assert.throws(
    () => fetch(server.url, { method: 'POST', body: locked as ReadableStream<Uint8Array> }),
    'Expected a `body` that nobody has read from, got a stream that is locked or already used',
  );
  async function* chunks(): AsyncGenerator<string> {
    yield 'x';
  }

  const waitable = fetch(server.url, { method: 'POST', body: chunks() });
  assert.is((await waitable).status, 200);
  assert.match((await failure(waitable)).message, 'A streamed `body` cannot be sent twice');
});

uploads('can be longer than anybody waits for: an early answer is an answer', async () => {
  await using server = await serve((_request, answer) => answer.writeHead(413).end('too much'));
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      yield 'x'.repeat(65_536);
      await new Promise(setImmediate);
    }
  }
  using connections = new Connections();

  const response = await fetch(server.url, { method: 'POST', body: endless(), connections });

  assert.is(response.status, 413);
});

bodies.run();
uploads.run();
