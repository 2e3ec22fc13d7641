/** Cooperative sockets: reading, lines, and kills in the middle of that. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { SHUT_WR, TimeoutError } from '@switchyard/select';
import {
  GreenletExit,
  IncompleteReadError,
  LimitOverrunError,
  socketpair,
  sleep,
  spawn,
  withTimeout,
} from '../src/index.ts';
import { rejection, turn } from './support.ts';
import { errorOf, pair, drip } from './socket-support.ts';

const test = suite('Socket');

test(
  'recv gives what there is, up to a size, and nothing at the end',
  pair(function* (near, far) {
    yield* far.sendall('hello world');
    assert.is(String(yield* near.recv(5)), 'hello');
    assert.is(String(yield* near.recv()), ' world');
    assert.is((yield* near.recv(0)).length, 0);
    far.shutdown(SHUT_WR);
    assert.is((yield* near.recv()).length, 0);
    assert.is((yield* near.recv(10)).length, 0);
    // Half closed: the other direction goes on.
    yield* near.sendall('still');
    assert.is(String(yield* far.recv()), 'still');
  }),
);

test('in async code as well', async () => {
  const [near, far] = await socketpair();
  const line = near.readline({ encoding: 'utf8' });
  await Promise.all([far.sendall('a line\n'), line.then((text) => assert.is(text, 'a line\n'))]);
  await far.sendall(Buffer.from('12345'));
  assert.is(String(await near.recvExactly(5)), '12345');
  near.close();
  far.close();
});

test(
  'recvInto fills a buffer of yours, first with what was read ahead',
  pair(function* (near, far) {
    const target = new Uint8Array(4);
    yield* far.sendall('one\ntwo');
    yield* near.readline();
    assert.is(yield* near.recvInto(target), 3);
    assert.is(Buffer.from(target).toString('latin1', 0, 3), 'two');
    spawn(drip, far, 'abcdef');
    assert.is(yield* near.recvInto(target), 4);
    assert.is(Buffer.from(target).toString(), 'abcd');
    assert.is(String(yield* near.recv()), 'ef');
  }),
);

test(
  'recvExactly waits for all of it; at the end before that, an error with what came',
  pair(function* (near, far) {
    const sender = spawn(drip, far, 'ab', 'cde', 'fgh');
    assert.is(String(yield* near.recvExactly(6)), 'abcdef');
    yield* sender;
    far.shutdown(SHUT_WR);
    const error = yield* errorOf(near.recvExactly(5));
    assert.instance(error, IncompleteReadError);
    assert.equal([String(error.partial), error.expected], ['gh', 5]);
    assert.match(error.message, 'after 2 of the 5 bytes');
    assert.is((yield* near.recvExactly(0)).length, 0);
  }),
);

test(
  'more than the receive buffer holds arrives whole',
  pair(function* (near, far) {
    const data = Buffer.allocUnsafe(3_000_000);
    for (let at = 0; at < data.length; at++) data[at] = at % 251;
    const sender = spawn(() => far.sendall(data));
    assert.is((yield* near.recvExactly(data.length)).equals(data), true);
    yield* sender;
  }),
);

test(
  'readline: pieces, several at once, what is left over, the last one without its end',
  pair(function* (near, far) {
    const sender = spawn(drip, far, 'on', 'e\ntwo\nth', 'ree\nrest');
    const lines = [];
    for (let n = 0; n < 3; n++) lines.push(yield* near.readline({ encoding: 'utf8' }));
    assert.equal(lines, ['one\n', 'two\n', 'three\n']);
    yield* sender;
    far.shutdown(SHUT_WR);
    assert.is(String(yield* near.readline()), 'rest');
    assert.is((yield* near.readline()).length, 0);
    assert.is(yield* near.readline({ encoding: 'utf8' }), '');
  }),
);

test(
  'readline with a limit gives a longer line in parts, as Python does',
  pair(function* (near, far) {
    yield* far.sendall('abcdefg\nh\n');
    const parts = [];
    for (let n = 0; n < 4; n++) parts.push(String(yield* near.readline({ limit: 3 })));
    assert.equal(parts, ['abc', 'def', 'g\n', 'h\n']);
  }),
);

test(
  'readuntil: a separator that comes in pieces; over the limit nothing is taken',
  pair(function* (near, far) {
    const sender = spawn(drip, far, 'head', 'er\r', '\n\r', '\nbody that is long');
    assert.is(String(yield* near.readuntil('\r\n\r\n')), 'header\r\n\r\n');
    yield* sender;
    const error = yield* errorOf(near.readuntil('!', { limit: 8 }));
    assert.instance(error, LimitOverrunError);
    assert.is(error.limit, 8);
    assert.is(String(yield* near.recv()), 'body that is long');
    yield* far.sendall('end');
    far.shutdown(SHUT_WR);
    const cut = yield* errorOf(near.readuntil('!'));
    assert.instance(cut, IncompleteReadError);
    assert.equal([String(cut.partial), cut.expected], ['end', null]);
  }),
);

test(
  'a line as long as its limit fits',
  pair(function* (near, far) {
    yield* far.sendall('abc!abc!!');
    assert.is(String(yield* near.readuntil('!', { limit: 4 })), 'abc!');
    assert.instance(yield* errorOf(near.readuntil('!!', { limit: 4 })), LimitOverrunError);
    assert.is(String(yield* near.readuntil('!!', { limit: 5 })), 'abc!!');
  }),
);

test('lines: for await in async code, next() in a greenlet', async () => {
  const [near, far] = await socketpair();
  await far.sendall('a\nbä\n');
  const lines = near.lines();
  assert.equal(
    await spawn(function* () {
      return yield* lines.next();
    }),
    { done: false, value: 'a\n' },
  );
  await far.sendall('c\nd');
  far.shutdown(SHUT_WR);
  const seen: string[] = [];
  for await (const line of lines) seen.push(line);
  assert.equal(seen, ['bä\n', 'c\n', 'd']);
  assert.is((await lines.next()).done, true);
  near.close();
  far.close();
});

test('lines: bytes, a limit, and leaving while it waits takes nothing', async () => {
  const [near, far] = await socketpair();
  const iterator = near.lines({ encoding: null })[Symbol.asyncIterator]();
  const waiting = iterator.next();
  await iterator.return!();
  assert.is((await waiting).done, true);
  await far.sendall('kept\nmuch too long');
  assert.is(String(await near.readline()), 'kept\n');
  assert.instance(await rejection(near.lines({ limit: 5 }).next()), LimitOverrunError);
  assert.is(String(await near.recv()), 'much too long');
  near.close();
  far.close();
});

test(
  'who is killed or timed out in the middle of a read loses no byte',
  pair(function* (near, far) {
    yield* far.sendall('half of');
    const killed = spawn(() => near.readline());
    yield* sleep(5);
    yield* killed.kill();
    assert.instance(killed.value, GreenletExit);
    assert.is(yield* withTimeout(5, () => near.recvExactly(100), { value: 'late' }), 'late');
    assert.instance(yield* errorOf(near.readuntil('!', { timeout: 2 })), TimeoutError);
    const waiting = spawn(() => near.readline({ encoding: 'utf8' }));
    yield* sleep(0);
    yield* far.sendall(' a line\n');
    assert.is(yield* waiting, 'half of a line\n');
  }),
);

test('killed in the turn in which bytes come: the next one gets them', async () => {
  for (let round = 0; round < 20; round++) {
    const [near, far] = await socketpair();
    const first = spawn(() => near.recvExactly(3));
    await turn();
    await far.sendall('abc');
    for (let turns = 0; turns < round % 5; turns++) await turn();
    await first.kill();
    const got = first.successful() && !(first.value instanceof GreenletExit) ? '' : 'abc';
    await far.sendall('d');
    assert.is(String(await near.recvExactly(got.length + 1)), `${got}d`);
    near.close();
    far.close();
  }
});

test.run();
