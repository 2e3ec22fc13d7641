import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { RedirectError } from '../src/fetch/errors.ts';
import { fetch } from '../src/fetch/fetch.ts';
import { failure, read, serve, type TestServer } from './fetch-server.ts';

const redirect = suite('fetch redirects');

/** Answers `/301/there` with a redirect to `/there`, and anything else with what it was asked. */
async function redirecting(): Promise<TestServer> {
  return serve(async (request, answer) => {
    const [, status, to] = /^\/(\d{3})\/(.*)$/.exec(request.url!) ?? [];
    const body = (await read(request)).toString();
    if (status !== undefined) {
      answer.writeHead(Number(status), { location: decodeURIComponent(to!) });
      answer.end('this way');
      return;
    }
    answer.end(JSON.stringify({ method: request.method, url: request.url, body, headers: request.headers }));
  });
}

interface Asked {
  method: string;
  url: string;
  body: string;
  headers: Record<string, string>;
}

redirect('are followed on the same connection, and leave the last URL', async () => {
  await using server = await redirecting();

  const got = await fetch(`${server.url}/301//302//307//there?x=1#here`);

  assert.is(got.status, 200);
  assert.is(got.url, `${server.url}/there?x=1`);
  assert.is(got.redirected, true);
  assert.is((await got.json<Asked>()).url, '/there?x=1');
  assert.is(server.connections, 1);
});

redirect('turn a request into a GET by the rules of the standard', async () => {
  await using server = await redirecting();
  const after = async (status: number, method: string): Promise<Asked> => {
    const init = { method, body: 'data', headers: { 'content-language': 'en' } };
    return (await fetch(`${server.url}/${status}//to`, init)).json<Asked>();
  };

  for (const [status, method, expected] of [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
  ] as const) {
    const asked = await after(status, method);
    const kept = expected !== 'GET';
    assert.is(asked.method, expected, `${status} after ${method}`);
    assert.is(asked.body, kept ? 'data' : '');
    assert.is(asked.headers['content-language'], kept ? 'en' : undefined);
    assert.is(asked.headers['content-type'], kept ? 'text/plain;charset=UTF-8' : undefined);
  }
  const head = await fetch(`${server.url}/303//to`, { method: 'HEAD' });
  assert.is(head.status, 200);
});

redirect('show another origin neither authorization nor cookies', async () => {
  await using first = await redirecting();
  await using second = await redirecting();
  const headers = {
    Authorization: 'Bearer t',
    Cookie: 'c=1',
    'Proxy-Authorization': 'p',
    Host: 'name',
    'X-Other': 'o',
  };

  const same = await (await fetch(`${first.url}/302//to`, { headers })).json<Asked>();
  const other = await (
    await fetch(`${first.url}/302/${encodeURIComponent(`${second.url}/to`)}`, { headers })
  ).json<Asked>();

  assert.is(same.headers['authorization'], 'Bearer t');
  assert.is(same.headers['cookie'], 'c=1');
  assert.is(same.headers['host'], 'name');
  assert.is(other.headers['authorization'], undefined);
  assert.is(other.headers['cookie'], undefined);
  assert.is(other.headers['proxy-authorization'], undefined);
  assert.is(other.headers['host'], new URL(second.url).host);
  assert.is(other.headers['x-other'], 'o');
});

redirect('in a loop end after 20, or after as many as allowed', async () => {
  let requests = 0;
  await using server = await serve((_request, answer) => {
    requests++;
    answer.writeHead(302, { location: '/again' }).end();
  });

  const many = await failure(fetch(server.url));
  assert.instance(many, RedirectError);
  assert.match(many.message, `fetch failed: GET ${server.url}/again: more than 20 redirects`);
  assert.is(requests, 21);

  requests = 0;
  const few = await failure(fetch(server.url, { maxRedirects: 2 }));
  assert.match(few.message, 'more than 2 redirects');
  assert.is(requests, 3);
});

redirect('are given back when that is asked for', async () => {
  await using server = await redirecting();

  const got = await fetch(`${server.url}/302//there`, { redirect: 'manual' });

  assert.is(got.status, 302);
  assert.is(got.headers.get('location'), '/there');
  assert.is(got.redirected, false);
  assert.is(await got.text(), 'this way');
});

redirect('are an error when that is asked for', async () => {
  await using server = await redirecting();

  const error = await failure(fetch(`${server.url}/302//there`, { redirect: 'error' }));

  assert.instance(error, RedirectError);
  assert.match(error.message, "it redirects to /there, and redirect is 'error'");
});

redirect('that lead nowhere are errors that say where', async () => {
  await using server = await redirecting();
  const to = async (location: string): Promise<Error & { code?: string }> =>
    failure(fetch(`${server.url}/302/${encodeURIComponent(location)}`));

  const invalid = await to('http://[');
  const scheme = await to('javascript:alert(1)');

  assert.instance(invalid, RedirectError);
  assert.match(invalid.message, 'it redirects to "http://[", which is not a URL');
  assert.match(scheme.message, 'it redirects to "javascript:alert(1)"; fetch knows http: and https:');
  assert.is(scheme.code, 'ERR_FETCH_REDIRECT');
});

redirect('without a Location are responses like any other', async () => {
  await using server = await serve((_request, answer) => answer.writeHead(302).end('nowhere'));

  const got = await fetch(server.url);

  assert.is(got.status, 302);
  assert.is(await got.text(), 'nowhere');
});

redirect('understand a Location in UTF-8, and drop a password in it', async () => {
  await using server = await serve((request, answer) => {
    if (request.url !== '/') return answer.end(`${request.url} ${request.headers.authorization}`);
    const { host } = request.headers;
    answer.writeHead(302, { location: Buffer.from(`http://a:b@${host}/grün`).toString('latin1') });
    return answer.end();
  });

  const got = await fetch(server.url);

  assert.is(await got.text(), '/gr%C3%BCn undefined');
  assert.is(got.url, `${server.url}/gr%C3%BCn`);
});

redirect('cannot repeat a streamed body', async () => {
  await using server = await redirecting();
  async function* chunks(): AsyncGenerator<string> {
    yield 'streamed';
  }

  const repeated = await failure(fetch(`${server.url}/307//to`, { method: 'POST', body: chunks() }));
  const dropped = await fetch(`${server.url}/303//to`, { method: 'POST', body: chunks() });

  assert.instance(repeated, RedirectError);
  assert.match(repeated.message, 'a streamed body cannot be sent twice: pass it as bytes');
  assert.is((await dropped.json<Asked>()).method, 'GET');
});

redirect('do not wait for a redirect page that does not end', async () => {
  await using server = await serve((request, answer) => {
    if (request.url === '/there') return answer.end('arrived');
    answer.writeHead(302, { location: '/there' });
    return answer.write('and so on');
  });
  await using flood = await serve((request, answer) => {
    if (request.url === '/there') return answer.end('arrived');
    answer.writeHead(302, { location: '/there' });
    const more = (): unknown =>
      answer.destroyed || (answer.write(Buffer.alloc(65536)) ? setImmediate(more) : null);
    answer.on('drain', more);
    return more();
  });

  assert.is(await (await fetch(server.url)).text(), 'arrived');
  assert.is(await (await fetch(flood.url)).text(), 'arrived');
});

redirect.run();
