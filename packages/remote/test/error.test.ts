import { runInNewContext } from 'node:vm';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { GreenletExit } from '@switchyard/greenlet';
import { LoopExit, Timeout } from '@switchyard/hub';
import { decodeError, encodeError } from '../src/core.ts';
import { CloneError, TaskError, TimeoutError } from '../src/index.ts';
import { Registered } from './classes.ts';
import { failure, Host, type Kind, kinds } from './support.ts';
import * as tasks from './tasks.ts';

type Any = Error & Record<string, unknown>;

function there(thrown: unknown): Any {
  return decodeError(structuredClone(encodeError(thrown))) as Any;
}

const codec = suite('codec');

codec('the class, the message, the stack, the chain of causes', () => {
  const error = new RangeError('outer', { cause: new TypeError('inner', { cause: { why: 'so' } }) });
  const got = there(error);
  assert.instance(got, RangeError);
  assert.is(got.constructor, RangeError);
  assert.is(got.message, 'outer');
  assert.is(got.stack, error.stack);
  assert.instance(got.cause, TypeError);
  assert.equal((got.cause as Error).cause, { why: 'so' });
  assert.equal(Object.keys(got), []);
});

codec('own properties, and what those look like that cannot be cloned', () => {
  const got = there(tasks.errors['props']!());
  assert.equal(Object.fromEntries(Object.entries(got)), {
    code: 'E_X',
    data: { a: [1] },
    errors: ['mine'],
    f: 'function f',
    s: 'Symbol(s)',
  });
  const system = there(
    Object.assign(new Error('ENOENT: x'), { errno: -2, code: 'ENOENT', syscall: 'open', path: 'x' }),
  );
  assert.equal(Object.fromEntries(Object.entries(system)), {
    errno: -2,
    code: 'ENOENT',
    syscall: 'open',
    path: 'x',
  });
});

codec('a getter that throws is left out', () => {
  const error = Object.defineProperty(new Error('x'), 'bad', {
    enumerable: true,
    get: () => {
      throw new Error('never');
    },
  });
  const got = there(error);
  assert.is(got.message, 'x');
  assert.is(got['bad'], undefined);
});

codec('AggregateError', () => {
  const got = there(new AggregateError([new TypeError('one'), 'two', 3], 'all')) as unknown as AggregateError;
  assert.instance(got, AggregateError);
  assert.instance(got.errors[0], TypeError);
  assert.equal(got.errors.slice(1), ['two', 3]);
  assert.is(got.message, 'all');
});

codec('shared memory in an error is only described: the rest of it can go to a process', () => {
  const got = there(tasks.errors['memory']!());
  assert.instance(got, RangeError);
  assert.is(got['code'], 'E_M');
  assert.is(typeof got['words'], 'string');
  assert.is(typeof got.cause, 'string');
});

codec('DOMException', () => {
  const error = new DOMException('stop', 'AbortError');
  error.cause = new TypeError('why');
  const got = there(error);
  assert.instance(got, DOMException);
  assert.is(got.name, 'AbortError');
  assert.is(got['code'], 20);
  assert.is(got.stack, error.stack);
  assert.instance(got.cause, TypeError);
});

codec('what is no error stays what it is', () => {
  for (const thrown of [42, undefined, null, 'text', false, 10n])
    assert.is(decodeError(encodeError(thrown)), thrown);
  assert.equal(there({ a: [1] }), { a: [1] } as never);
  assert.match(String(there(() => 1)), 'a function');
});

codec('errors that hold each other, and one that is there twice', () => {
  const got = there(tasks.errors['circle']!());
  assert.is(got.message, 'a');
  assert.is((got.cause as Error).message, 'b');
  assert.is((got.cause as Error).cause, got);
  const one = new Error('one');
  const both = there(new AggregateError([one, one], 'both', { cause: one })) as unknown as AggregateError;
  assert.is(both.errors[0], both.errors[1]);
  assert.is(both.errors[0], both.cause);
});

codec('an endless chain of causes has an end', () => {
  let error = new Error('last');
  for (let at = 0; at < 10_000; at++) error = new Error(`no. ${at}`, { cause: error });
  let got: unknown = there(error);
  let length = 0;
  for (; got instanceof Error; got = got.cause) length++;
  assert.is(length, 101);
  assert.match(String(got), '[Error: no.');
});

codec('registered classes', () => {
  const got = there(new Registered('mine', 7)) as unknown as Registered;
  assert.instance(got, Registered);
  assert.is(got.size, 7);
  assert.is(got.large, true);
  class Derived extends Registered {}
  assert.instance(there(new Derived('derived', 1)), Registered, 'the nearest that is registered');
});

codec('other classes arrive as the nearest known one, by their name', () => {
  class Special extends RangeError {
    override name = 'Special';
  }
  const got = there(new Special('x'));
  assert.instance(got, RangeError);
  assert.is(got.name, 'Special');
  assert.match(String(got), 'Special: x');
});

codec('a class that is called like one of the house is not taken for it', () => {
  const got = there(tasks.errors['sameName']!());
  assert.not.instance(got, TimeoutError);
  assert.is(got.message, 'not of the house');
});

codec('errors of the house', () => {
  const house = [
    new GreenletExit('killed'), new LoopExit('over'), new Timeout(5), new TimeoutError('late'), new TaskError('no task'),
    new CloneError('no clone', 'ERR_X'),
  ]; // prettier-ignore
  for (const error of house) {
    const got = there(error);
    assert.is(got.constructor, error.constructor);
    assert.is(got.message, error.message);
    assert.is(got.name, error.name);
  }
  assert.is(there(house[5]!)['code'], 'ERR_X');
});

codec('an error of another realm', () => {
  const got = there(runInNewContext(`new TypeError('from elsewhere', { cause: new RangeError('too') })`));
  assert.instance(got, TypeError);
  assert.instance(got.cause, RangeError);
});

codec('nothing that is thrown makes the codec throw', () => {
  const hostile = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
  });
  assert.ok(encodeError(hostile));
  assert.ok(encodeError(Object.create(null)));
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  assert.ok(encodeError(revoked.proxy));
});

codec.run();

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after(() => host.end());

  test('errors of tasks arrive whole', { timeout: 20_000 }, async () => {
    const plain = await failure(host.run(tasks.fail, 'plain'));
    assert.instance(plain, RangeError);
    assert.match(plain.stack!, 'tasks.ts');
    assert.is((plain.cause as Error).cause, 42);
    assert.is((await failure(host.run(tasks.fail, 'props')))['code'], 'E_X');
    const both = (await failure(host.run(tasks.fail, 'aggregate'))) as unknown as AggregateError;
    assert.instance(both.errors[0], TypeError);
    assert.instance(await failure(host.run(tasks.fail, 'dom')), DOMException);
    assert.is((await failure(host.run(tasks.fail, 'memory')))['code'], 'E_M');
    const circle = await failure(host.run(tasks.fail, 'circle'));
    assert.is((circle.cause as Error).cause, circle);
    const mine = (await failure(host.run(tasks.fail, 'registered'))) as unknown as Registered;
    assert.instance(mine, Registered);
    assert.is(mine.large, true);
    assert.instance(await failure(host.run(tasks.fail, 'unregistered')), RangeError);
  });

  test('thrown values that are no errors arrive as they are', async () => {
    assert.is(await failure(host.run(tasks.fail, 'number')), 42);
    assert.is(await failure(host.run(tasks.fail, 'undefined')), undefined);
    assert.is(await failure(host.run(tasks.fail, 'null')), null);
    assert.is(await failure(host.run(tasks.fail, 'string')), 'text');
    assert.equal(await failure(host.run(tasks.fail, 'object')), { not: 'an error' });
  });

  test.run();
}
