/** httpHandler: requests in greenlets that are killed when their clients go away. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, get, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub } from '@switchyard/hub';
import {
  type Coroutine,
  Event,
  fetch,
  closeConnections,
  GreenletExit,
  type HttpHandle,
  httpHandler,
  type HttpHandlerOptions,
  type HttpListener,
  joinall,
  sleep,
  spawn,
} from '../src/index.ts';
import { thrownBy, turn } from './support.ts';

const test = suite('httpHandler');

interface Site extends AsyncDisposable {
  readonly url: string;
  readonly listener: HttpListener;
  readonly server: Server;
}

async function site(handle: HttpHandle, options?: HttpHandlerOptions): Promise<Site> {
  const listener = httpHandler(handle, options);
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    listener,
    server,
    async [Symbol.asyncDispose]() {
      await listener.stop({ grace: 0 });
      closeConnections();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** What a site answers, as `status text`. */
function* answer(url: string): Coroutine<string> {
  const response = yield* fetch(url);
  return `${response.status} ${yield* response.text()}`;
}

/** Catches what is reported. */
async function reports(body: () => Promise<void>): Promise<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const found: string[] = [];
  hub.onError = (error, greenlet) => found.push(`${greenlet?.name}: ${(error as Error).message}`);
  try {
    await body();
    for (let turns = 0; turns < 5; turns++) await turn();
  } finally {
    hub.onError = before;
  }
  return found;
}

/** A client that can go away. */
function client(url: string): { leave(): void; answered: Promise<IncomingMessage | null> } {
  const sent = get(url, { agent: false });
  const answered = new Promise<IncomingMessage | null>((resolve) => {
    sent.on('response', resolve).on('error', () => resolve(null));
  });
  return { leave: () => sent.destroy(), answered };
}

test('generator, async and plain handlers', async () => {
  const handlers: HttpHandle[] = [
    function* (_request, response) {
      yield* sleep(1);
      response.end('generator');
    },
    async (_request, response) => {
      await turn();
      response.end('async');
    },
    (_request, response) => response.end('plain'),
  ];
  for (const [handler, text] of handlers.map(
    (one, at) => [one, ['generator', 'async', 'plain'][at]] as const,
  )) {
    await using given = await site(handler);
    assert.is(await spawn(answer, given.url), `200 ${text}`);
    assert.is(given.listener.size, 0);
  }
});

test('a client that goes away has its handler killed; its cleanup runs', async () => {
  const log: string[] = [];
  const begun = new Event();
  await using given = await site(function* (_request, response) {
    response.write('first ');
    begun.set();
    try {
      yield* sleep(60_000);
    } catch (error) {
      log.push(error instanceof GreenletExit ? 'killed' : String(error));
      throw error;
    } finally {
      yield* sleep(1);
      log.push('cleaned');
    }
  });
  const gone = client(given.url);
  await begun.wait();
  assert.is(given.listener.size, 1);
  gone.leave();
  while (given.listener.size > 0) await turn();
  assert.equal(log, ['killed', 'cleaned']);
});

test('who has answered is not killed when the client goes away', async () => {
  const gate = new Event();
  let ended = false;
  await using given = await site(function* (_request, response) {
    response.end('done');
    yield* gate.wait();
    ended = true;
  });
  assert.is(await spawn(answer, given.url), '200 done');
  given.server.closeAllConnections();
  await turn();
  assert.is(given.listener.size, 1);
  gate.set();
  while (given.listener.size > 0) await turn();
  assert.is(ended, true);
});

test('an error is 500, or breaks off what has begun, and is reported once', async () => {
  const found = await reports(async () => {
    await using given = await site(function* (request, response) {
      response.setHeader('x-secret', '1');
      if (request.url === '/begun') response.write('half');
      yield* sleep(1);
      throw new Error(`no ${request.url}`);
    });
    const response = await fetch(`${given.url}/page`);
    assert.equal(
      [response.status, response.headers.get('x-secret'), await response.text()],
      [500, null, 'Internal Server Error\n'],
    );
    const begun = await fetch(`${given.url}/begun`);
    assert.is(begun.status, 200);
    await begun.text().then(
      () => assert.unreachable('it was cut off'),
      (error: unknown) => assert.instance(error, Error),
    );
  });
  assert.is(found.length, 2);
  assert.match(found[0]!, /^GET \/page for 127\.0\.0\.1:\d+: no \/page$/);
});

test('onError is told instead, and may answer; a kill is no error', async () => {
  const told: string[] = [];
  const found = await reports(async () => {
    await using given = await site(
      function* (request) {
        if (request.url === '/wait') yield* sleep(60_000);
        throw new Error(`no ${request.url}`);
      },
      {
        *onError(error, request, response) {
          yield* sleep(1);
          told.push((error as Error).message);
          if (request.url === '/own') response.writeHead(418).end('mine');
        },
      },
    );
    assert.is(await spawn(answer, `${given.url}/own`), '418 mine');
    assert.is(await spawn(answer, `${given.url}/page`), '500 Internal Server Error\n');
    const gone = client(`${given.url}/wait`);
    while (given.listener.size === 0) await turn();
    gone.leave();
    while (given.listener.size > 0) await turn();
  });
  assert.equal([found, told], [[], ['no /own', 'no /page']]);
});

test('a pool: so many at a time, in order; who goes away while waiting is never begun', async () => {
  const gate = new Event();
  const begun: string[] = [];
  await using given = await site(
    function* (request, response) {
      begun.push(request.url!);
      yield* gate.wait();
      response.end(request.url);
    },
    { spawn: 2 },
  );
  const clients: ReturnType<typeof client>[] = [];
  for (let n = 0; n < 6; n++) {
    clients.push(client(`${given.url}/${n}`));
    while (begun.length < Math.min(n + 1, 2)) await turn();
    // Each is there before the next one comes.
    await new Promise<void>((resolve) => void given.server.getConnections(() => resolve()));
    for (let turns = 0; turns < 10; turns++) await turn();
  }
  assert.equal(begun, ['/0', '/1']);
  clients[3]!.leave();
  for (let turns = 0; turns < 20; turns++) await turn();
  gate.set();
  const answers = await Promise.all(clients.map(({ answered }) => answered));
  for (const one of answers) one?.resume();
  assert.equal(
    answers.map((one) => one?.statusCode ?? null),
    [200, 200, 200, null, 200, 200],
  );
  assert.equal(begun.slice().sort(), ['/0', '/1', '/2', '/4', '/5']);
});

test('stop: 503 for who comes or waits, grace for who runs, then a kill', async () => {
  const log: string[] = [];
  const quickly = new Event();
  await using given = await site(
    function* (request, response) {
      try {
        log.push(`begun ${request.url}`);
        if (request.url === '/quick') yield* quickly.wait();
        else yield* sleep(60_000);
        response.end('in time');
      } finally {
        log.push(`ended ${request.url}`);
      }
    },
    { spawn: 2 },
  );
  const quick = spawn(answer, `${given.url}/quick`);
  const slow = spawn(answer, `${given.url}/slow`);
  while (log.length < 2) await turn();
  const waits = client(`${given.url}/waits`);
  for (let turns = 0; turns < 30; turns++) await turn();
  const stopped = given.listener.stop({ grace: null });
  assert.is(await spawn(answer, `${given.url}/late`), '503 Service Unavailable\n');
  quickly.set();
  assert.is(await quick, '200 in time');
  await given.listener.stop({ grace: 10 });
  await stopped;
  assert.is(await slow, '503 Service Unavailable\n');
  const refused = await waits.answered;
  refused?.resume();
  assert.is(refused?.statusCode, 503);
  assert.equal(log.slice(2), ['ended /quick', 'ended /slow']);
  assert.is(given.listener.size, 0);
});

test('what is around the request stays around its greenlet', async () => {
  const storage = new AsyncLocalStorage<string>();
  const listener = httpHandler(function* (_request, response) {
    yield* sleep(1);
    response.end(storage.getStore());
  });
  const server = createServer((req, res) => storage.run(`for ${req.url}`, () => listener(req, res)));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = ['/a', '/b'].map((path) => spawn(answer, url + path));
  await joinall(answers);
  assert.equal(
    answers.map((one) => one.value),
    ['200 for /a', '200 for /b'],
  );
  closeConnections();
  await new Promise((resolve) => void server.close(resolve));
});

test('a body that is still being sent; what is no function', async () => {
  await using given = await site(async (req, response) => {
    let size = 0;
    for await (const chunk of req) size += (chunk as Buffer).length;
    response.end(String(size));
  });
  const sent = request(given.url, { method: 'POST', agent: false });
  const answered = new Promise<IncomingMessage>((resolve) => void sent.on('response', resolve));
  sent.write('12345');
  await turn();
  sent.end('678');
  let text = '';
  for await (const chunk of await answered) text += chunk;
  assert.is(text, '8');
  assert.is(thrownBy(() => httpHandler(5 as never)).message, 'Expected a function for httpHandler, got 5');
  assert.match(thrownBy(() => httpHandler(() => {}, { onError: 5 as never })).message, 'as the onError of');
});

test.run();
