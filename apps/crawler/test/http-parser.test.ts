import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { ResponseParser } from '../src/http/response-parser.ts';

/** What a parser has made of an answer that came in these pieces. */
function parsed(pieces: readonly Buffer[], ended = false): unknown {
  const parser = new ResponseParser();
  let status = 0;
  let type: string | undefined;
  let body = '';
  parser.expect({
    begun: (head) => {
      status = head.status;
      type = head.header('content-type');
    },
    piece: (bytes) => (body += bytes.toString('latin1')),
  });
  let error: unknown;
  try {
    for (const piece of pieces) parser.read(piece);
    if (ended) parser.ended();
  } catch (thrown) {
    error = (thrown as { code: unknown }).code;
  }
  const { complete, keepAlive, surplus } = parser;
  return { status, type, body, complete, keepAlive, surplus, error };
}

const ANSWERS: Record<string, readonly [text: string, ended: boolean, expected: object]> = {
  chunked: [
    'HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\nA;x="y"\r\n\r\n23456789\r\n0\r\nX-Trailer: t\r\n\r\n',
    false,
    {
      status: 200,
      type: 'text/plain',
      body: 'abc\r\n23456789',
      complete: true,
      keepAlive: true,
      surplus: false,
      error: undefined,
    },
  ],
  'with a length': [
    'HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Type: b\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\r\n\r\nx',
    false,
    {
      status: 200,
      type: 'a, b',
      body: '\r\n\r\nx',
      complete: true,
      keepAlive: false,
      surplus: false,
      error: undefined,
    },
  ],
  'without a length': [
    'HTTP/1.0 200 OK\r\nContent-Type: \t a b \t\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    true,
    {
      status: 200,
      type: 'a b',
      body: 'HTTP/1.1 200 OK\r\n\r\n',
      complete: true,
      keepAlive: false,
      surplus: false,
      error: undefined,
    },
  ],
  'with a chunk that is none': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n5g\r\nx',
    false,
    {
      status: 200,
      type: undefined,
      body: 'x',
      complete: false,
      keepAlive: true,
      surplus: false,
      error: 'HPE_INVALID_CHUNK_SIZE',
    },
  ],
  'with a header that is none': [
    'HTTP/1.1 200 OK\r\nno header\r\n\r\n',
    false,
    {
      status: 0,
      type: undefined,
      body: '',
      complete: false,
      keepAlive: false,
      surplus: false,
      error: 'HPE_INVALID_HEADER_TOKEN',
    },
  ],
};

const parser = suite('ResponseParser');

for (const [name, [text, ended, expected]] of Object.entries(ANSWERS)) {
  parser(`an answer ${name} is the same wherever it is cut`, () => {
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(parsed([bytes], ended), expected);
    assert.equal(
      parsed(
        [...bytes].map((byte) => Buffer.from([byte])),
        ended,
      ),
      expected,
    );
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.equal(parsed([bytes.subarray(0, cut), bytes.subarray(cut)], ended), expected, `cut at ${cut}`);
    }
  });
}

parser('one answer after the other', () => {
  const one = new ResponseParser();
  const bodies: string[] = [];
  for (const body of ['first', '', 'third']) {
    bodies.push('');
    one.expect({ begun: () => {}, piece: (bytes) => (bodies[bodies.length - 1] += bytes.toString()) });
    one.read(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    assert.equal([one.complete, one.keepAlive, one.surplus], [true, true, false]);
  }
  assert.equal(bodies, ['first', '', 'third']);
});

parser('a large body in one piece', () => {
  const text = `HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n${'x'.repeat(500_000)}`;
  const { body, error } = parsed([Buffer.from(text)]) as { body: string; error: unknown };
  assert.equal([body.length, error], [500_000, undefined]);
});

parser('what is behind the end is noticed, and nobody is told of it', () => {
  const one = new ResponseParser();
  let begun = 0;
  one.expect({ begun: () => begun++, piece: () => {} });
  one.read(Buffer.from('HTTP/1.1 204 None\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  assert.equal([begun, one.complete, one.surplus], [1, true, true]);
});

parser('no end of headers, of announcements of one header each, or of a body in small chunks', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const codeOf = (text: string): unknown => (parsed([Buffer.from(text)]) as { error: unknown }).error;
  assert.is(codeOf(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`), 'HPE_HEADER_OVERFLOW');
  assert.is(codeOf('\r\n'.repeat(40_000)), 'HPE_HEADER_OVERFLOW');
  assert.is(codeOf(`${head}0\r\n${'A: b\r\n'.repeat(20_000)}`), 'HPE_HEADER_OVERFLOW');
  assert.is(codeOf(`${head}1;${'x'.repeat(70_000)}\r\n`), 'HPE_CHUNK_EXTENSIONS_OVERFLOW');
  assert.is(codeOf(`${'HTTP/1.1 103 Hints\r\nA: b\r\n\r\n'.repeat(5000)}`), undefined);
  const { body, complete } = parsed([Buffer.from(`${head}${'1\r\nx\r\n'.repeat(50_000)}0\r\n\r\n`)]) as {
    body: string;
    complete: boolean;
  };
  assert.equal([body.length, complete], [50_000, true]);
});

parser.run();
