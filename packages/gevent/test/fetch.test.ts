import { readFileSync } from 'node:fs';
import { suite } from '@switchyard/testing';
import { getHub, type Waitable } from '@switchyard/hub';
import * as assert from 'uvu/assert';
import { FetchError } from '../src/fetch/errors.ts';
import { fetch } from '../src/fetch/fetch.ts';
import { VERSION } from '../src/fetch/request.ts';
import { Response } from '../src/fetch/response.ts';
import { spawn } from '../src/greenlet.ts';
import { killall } from '../src/killall.ts';
import { failure, read, serve, serveRaw } from './fetch-server.ts';

const response = suite('fetch');

response('has the shape of the standard response', async () => {
  await using server = await serve((_request, answer) => {
    answer.setHeader('Set-Cookie', ['a=1', 'b=2']);
    answer.writeHead(201, 'Made', { 'Content-Type': 'text/plain; charset=utf-8', 'X-Name': 'Jürgen' });
    answer.end('hello');
  });

  const got = await fetch(`${server.url}/path?q=1#part`);

  assert.instance(got, Response);
  assert.is(got.status, 201);
  assert.is(got.statusText, 'Made');
  assert.is(got.ok, true);
  assert.is(got.url, `${server.url}/path?q=1`);
  assert.is(got.redirected, false);
  assert.is(got.type, 'basic');
  assert.instance(got.headers, Headers);
  assert.is(got.headers, got.headers);
  assert.is(got.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.is(got.headers.get('x-name'), 'Jürgen');
  assert.equal(got.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.is(got.bodyUsed, false);
  assert.is(await got.text(), 'hello');
  assert.is(got.bodyUsed, true);
});

response('gives the same to yield* and to await', async () => {
  await using server = await serve((_request, answer) => answer.end('{"n":[1,2]}'));

  const inGreenlet = await spawn(function* () {
    const got = yield* fetch(server.url);
    const value = yield* got.json<{ n: number[] }>();
    return [got.status, value.n.length];
  });
  const got = await fetch(server.url);
  const value = await got.json<{ n: number[] }>();

  assert.equal(inGreenlet, [200, 2]);
  assert.equal([got.status, value.n.length], inGreenlet);
});

response('reads a body as bytes, as a buffer and as a blob of its own', async () => {
  await using server = await serve((_request, answer) => {
    answer.setHeader('content-type', 'image/png');
    answer.end(Buffer.from([0, 1, 254, 255]));
  });

  const bytes = await (await fetch(server.url)).bytes();
  const buffer = await (await fetch(server.url)).arrayBuffer();
  const blob = await (await fetch(server.url)).blob();

  assert.is(Object.getPrototypeOf(bytes), Uint8Array.prototype);
  assert.is(bytes.buffer.byteLength, 4, 'nothing but the body can be seen through its buffer');
  assert.equal([...bytes], [0, 1, 254, 255]);
  assert.equal([...new Uint8Array(buffer)], [0, 1, 254, 255]);
  assert.is(blob.type, 'image/png');
  assert.is(blob.size, 4);
});

response('reads text as UTF-8, without its mark', async () => {
  await using server = await serve((_request, answer) => answer.end('\ufeffgrün €'));

  assert.is(await (await fetch(server.url)).text(), 'grün €');
});

response('says which body is not JSON', async () => {
  await using server = await serve((_request, answer) => answer.end('<html>'));

  const error = await failure((await fetch(`${server.url}/api`)).json());

  assert.instance(error, SyntaxError);
  assert.match(error.message, `The body of GET ${server.url}/api is not JSON: `);
});

response('has no body after HEAD, 204 and 304, and keeps the connection usable', async () => {
  await using server = await serve((request, answer) => {
    answer.statusCode = Number(request.url?.slice(1));
    answer.setHeader('content-encoding', 'gzip');
    answer.end();
  });

  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const got = await fetch(`${server.url}/${status}`, { method });
    assert.is(got.status, status);
    assert.is(got.body, null);
    assert.is(await got.text(), '');
    assert.is(await got.text(), '', 'a body that is not there can be read twice, as in the standard');
    assert.is(got.bodyUsed, false);
  }
});

response('gives a body once', async () => {
  await using server = await serve((_request, answer) => answer.end('once'));
  const got = await fetch(server.url);
  await got.text();

  for (const again of [got.text(), got.json(), got.bytes(), got.chunks().next()] as Waitable<unknown>[]) {
    const error = await failure(again);
    assert.instance(error, TypeError);
    assert.match(error.message, 'has been read already: read it once and keep the result');
  }
  assert.throws(() => got.clone(), /cannot be cloned: keep what bytes\(\) or text\(\) gives/);
});

response('acts once for each consumer', async () => {
  let requests = 0;
  await using server = await serve((_request, answer) => answer.end(String(++requests)));

  const waitable = fetch(server.url);
  assert.is(requests, 0, 'nothing is sent before somebody waits');
  const both = await Promise.all([waitable, waitable]);
  await (await waitable).text();

  assert.equal(
    (await Promise.all(both.map((one) => one.text()))).sort((a, b) => a.localeCompare(b)),
    ['1', '2'],
  );
  assert.is(requests, 3);
});

response('sends headers of its own unless given', async () => {
  await using server = await serve((request, answer) => answer.end(JSON.stringify(request.headers)));
  const headersFor = async (init?: Parameters<typeof fetch>[1]): Promise<Record<string, string>> =>
    (await fetch(server.url, init)).json<Record<string, string>>();

  const plain = await headersFor();
  const given = await headersFor({
    headers: { Accept: 'text/html', 'User-Agent': 'mine/2', 'X-Number': '7' },
  });
  const pairs = await headersFor({
    headers: [
      ['x-two', 'a'],
      ['x-two', 'b'],
    ],
  });
  const object = await headersFor({ headers: new Headers({ authorization: 'Basic eA==' }) });
  const raw = await headersFor({ decompress: false });

  assert.is(plain['user-agent'], `switchyard/${VERSION}`);
  assert.is(plain['accept'], '*/*');
  assert.match(plain['accept-encoding']!, /^gzip, deflate, br(, zstd)?$/);
  assert.equal([given['accept'], given['user-agent'], given['x-number']], ['text/html', 'mine/2', '7']);
  assert.is(pairs['x-two'], 'a, b');
  assert.is(object['authorization'], 'Basic eA==');
  assert.is(raw['accept-encoding'], undefined);
});

response('takes a URL object, a Request, and an object with a URL', async () => {
  await using server = await serve(async (request, answer) =>
    answer.end(
      `${request.method} ${request.url} ${String(request.headers['x-a'])} ${(await read(request)).toString()}`,
    ),
  );
  const text = async (...args: Parameters<typeof fetch>): Promise<string> => (await fetch(...args)).text();

  assert.is(await text(new URL('/a', server.url)), 'GET /a undefined ');
  const request = new Request(`${server.url}/b`, { method: 'PUT', headers: { 'x-a': '1' }, body: 'sent' });
  assert.is(await text(request), 'PUT /b 1 sent');
  const target = { url: `${server.url}/c`, method: 'POST', body: 'first', headers: { 'x-a': '2' } };
  assert.is(await text(target, { body: 'second' }), 'POST /c 2 second');
});

response('writes the methods of the standard in capitals, and leaves others alone', async () => {
  await using server = await serveRaw((socket, request) => {
    const method = request.split(' ')[0]!;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${method.length}\r\n\r\n${method}`);
  });

  assert.is(await (await fetch(server.url, { method: 'post' })).text(), 'POST');
  assert.is(await (await fetch(server.url, { method: 'patch' })).text(), 'PATCH');
  assert.is(await (await fetch(server.url, { method: 'purge' })).text(), 'purge');
});

response('refuses at the call what cannot be sent, and names it', () => {
  const url = 'http://127.0.0.1:1/';
  const wrong: [() => unknown, string][] = [
    [() => fetch('/path'), 'Expected an absolute URL such as \'https://example.org/\', got "/path"'],
    [() => fetch('ftp://example.org/x'), 'fetch knows http: and https:, got "ftp://example.org/x"'],
    [() => fetch(undefined as never), 'Expected a URL to fetch, as a string or a URL, got undefined'],
    [
      () => fetch('http://a:b@example.org/'),
      'Expected a URL without a user name and password, got one for example.org',
    ],
    [
      () => fetch(url, { method: 'GE T' }),
      'Expected `method` to be an HTTP method such as \'POST\', got "GE T"',
    ],
    [() => fetch(url, { method: 'connect' }), 'fetch cannot send the method "connect"'],
    [() => fetch({ url, body: 'x' }), "A GET request has no body: pass method: 'POST'"],
    [
      () => fetch(url, { headers: { 'a b': 'x' } }),
      'Expected the name of a header, such as \'accept\', got "a b"',
    ],
    [
      () => fetch(url, { headers: { a: 'x\r\ny: z' } }),
      "Expected the header 'a' to be text without line breaks",
    ],
    [() => fetch(url, { headers: { a: '€' } }), 'characters above U+00FF, got "€"'],
    [() => fetch(url, { headers: { a: undefined as never } }), 'got undefined: leave the header out instead'],
    [
      () => fetch(url, { headers: ['a: b'] as never }),
      'Expected each entry of `headers` to be a [name, value] pair',
    ],
    [
      () => fetch(url, { headers: 'a: b' as never }),
      'Expected `headers` to be a record, a list of pairs or a Headers',
    ],
    [
      () => fetch(url, { headers: { 'Transfer-Encoding': 'chunked' } }),
      "is fetch's own to send: leave it out",
    ],
    [() => fetch(url, { headers: { Host: 'a', host: 'b' } }), "The header 'host' is given twice"],
    [() => fetch(url, { method: 'POST', body: { a: 1 } as never }), 'JSON is sent as JSON.stringify(value)'],
    [
      () => fetch(url, { redirect: 'never' as never }),
      "Expected `redirect` to be 'follow', 'manual' or 'error', got \"never\"",
    ],
    [() => fetch(url, { signal: {} as never }), 'Expected `signal` to be an AbortSignal, got an object'],
    [() => fetch(url, { timeouts: { total: 0 } }), 'Expected `timeouts.total` to be milliseconds above 0'],
    [() => fetch(url, { timeouts: { idle: '5' as never } }), 'or Infinity for none, got "5"'],
    [
      () => fetch(url, { timeout: 5 } as never),
      'fetch has no option `timeout`: write `timeouts: { total: ms }`',
    ],
    [
      () => fetch(url, { maxBody: -1 }),
      'Expected `maxBody` to be a whole number from 0 up, or Infinity for none, got -1',
    ],
    [
      () => fetch(url, { dispatcher: {} as never }),
      "Expected `dispatcher` to be a Dispatcher of undici's, got an object",
    ],
    [() => fetch(url, 5 as never), 'Expected the options of fetch as an object, got 5'],
  ];
  for (const [call, message] of wrong) {
    let thrown: unknown = null;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, TypeError, message);
    assert.match((thrown as TypeError).message, message);
  }
});

response('says why there is no response, with the URL and the cause', async () => {
  let url: string;
  {
    await using server = await serve(() => {});
    url = `${server.url}/gone`;
  }

  const refused = await failure(fetch(url));
  const unknown = await failure(fetch('http://no-such-host.invalid/'));

  assert.instance(refused, FetchError);
  assert.instance(refused, TypeError);
  assert.is(refused.name, 'FetchError');
  assert.is(refused.code, 'ECONNREFUSED');
  assert.is((refused as FetchError).url, url);
  assert.match(refused.message, `fetch failed: GET ${url}: connect ECONNREFUSED 127.0.0.1`);
  assert.is((refused.cause as { code: string }).code, 'ECONNREFUSED');
  assert.match(unknown.code!, /^(ENOTFOUND|EAI_AGAIN)$/);
});

response('passes a failure to the greenlet that waits', async () => {
  const caught = await spawn(function* () {
    try {
      yield* fetch('http://127.0.0.1:1/');
      return null;
    } catch (error) {
      return error;
    }
  });

  assert.instance(caught, FetchError);
});

response('does without 1xx announcements', async () => {
  await using server = await serve((_request, answer) => {
    answer.writeEarlyHints({ link: '</style.css>; rel=preload' });
    answer.writeProcessing();
    answer.end('final');
  });

  const got = await fetch(server.url);

  assert.is(got.status, 200);
  assert.is(got.headers.get('link'), null);
  assert.is(await got.text(), 'final');
});

response('reads chunked bodies', async () => {
  await using server = await serve((_request, answer) => {
    answer.write('one ');
    setImmediate(() => {
      answer.write('two ');
      setImmediate(() => answer.end('three'));
    });
  });

  assert.is(await (await fetch(server.url)).text(), 'one two three');
});

response('says its own version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };

  assert.is(VERSION, version);
});

response('shows what a parked greenlet waits for', async () => {
  await using server = await serve((request, answer) => {
    if (request.url === '/body') answer.write('part');
  });
  const one = spawn(function* () {
    yield* fetch(`${server.url}/head`);
  });
  const two = spawn(function* () {
    const got = yield* fetch(`${server.url}/body`);
    yield* got.text();
  });

  let info = '';
  while (!info.includes('text() of')) {
    await new Promise(setImmediate);
    info = getHub().formatRunInfo();
  }
  await killall([one, two]);

  assert.match(info, `fetch(GET ${server.url}/head)`);
  assert.match(info, `text() of GET ${server.url}/body`);
});

response.run();
