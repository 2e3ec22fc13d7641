import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { dehydrate, hydrate } from '../src/core.ts';
import { inline, register, revive, share, Shareable, TaskError } from '../src/index.ts';
import { Box, Unknown } from './classes.ts';
import { endFresh, failure, fresh, Host, type Kind, kinds } from './support.ts';
import * as tasks from './tasks.ts';

const copies = suite('dehydrate');

function there(value: unknown): unknown {
  const ready = dehydrate(value);
  return hydrate(structuredClone(ready.value));
}

copies('the original is left as it was', () => {
  const box = new Box(1);
  const value = { list: [box], map: new Map([[box, new Set([box])]]) };
  const got = there(value) as typeof value;
  assert.is(value.list[0], box);
  assert.is(value.map.get(box)?.has(box), true);
  assert.instance(got.list[0], Box);
  assert.is.not(got.list[0], box);
});

copies('one object stays one, also in a circle', () => {
  const box = new Box('x');
  const value: Record<string, unknown> = { box, again: [box] };
  value['self'] = value;
  const got = there(value) as { box: Box; again: Box[]; self: unknown };
  assert.is(got.box, got.again[0]);
  assert.is(got.self, got);
});

copies('a shareable object inside of another', () => {
  const got = there(new Box({ inner: new Box('deep') })) as Box;
  assert.equal((got.content as { inner: Box }).inner.twice(), ['deep', 'deep']);
});

copies('what holds nothing special is not copied', () => {
  const value = { a: [1, new Map()] };
  assert.is(dehydrate(value).value, value);
});

copies('a key that looks like the prototype is only a key', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "box": 1}') as Record<string, unknown>;
  value['box'] = new Box(1);
  const ready = dehydrate(value).value as object;
  assert.is((ready as { polluted?: boolean }).polluted, undefined);
  assert.ok(Object.hasOwn(ready, '__proto__'));
});

copies('a class that was not registered is refused with the line to write', () => {
  assert.throws(
    () => dehydrate([new Unknown(1)]),
    (error: Error) => error instanceof TaskError && error.message.includes('register(import.meta, Unknown)'),
  );
});

copies('an object that holds itself is refused', () => {
  class Knot extends Shareable {
    [share](): unknown {
      return { me: this };
    }
    static [revive](): Knot {
      return new Knot();
    }
  }
  register(import.meta, Knot);
  assert.throws(() => there(new Knot()), /holds itself/);
});

copies('a class that is not loaded is named with its module', () => {
  const ready = dehydrate({ box: new Box(1) });
  const text = JSON.stringify(ready.value).replaceAll('classes.ts', 'elsewhere.ts');
  assert.throws(
    () => hydrate(JSON.parse(text)),
    /class Box has come here, but file:.*elsewhere\.ts.*import it/,
  );
});

copies.run();

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after.each(endFresh);
  test.after(() => host.end());

  test('objects arrive at any depth', { timeout: 20_000 }, async () => {
    assert.equal(await host.run(tasks.open, new Box('direct')), [true, 'direct', ['direct', 'direct']]);
    const box = new Box(1);
    const deep = { a: { b: [{ c: { d: { e: box } } }] } };
    for (const [value, path] of [
      [{ box }, ['box']],
      [[[box]], [0, 0]],
      [deep, ['a', 'b', 0, 'c', 'd', 'e']],
      [new Map([['k', new Set([{ box }])]]), ['k', 0, 'box']],
      [Array.from({ length: 100 }, (_, at) => (at === 99 ? box : at)), [99]],
    ] as const) {
      assert.equal(await host.run(tasks.dig, value, path), [1, 1]);
    }
    const circle: Record<string, unknown> = { box };
    circle['self'] = circle;
    assert.equal(await host.run(tasks.dig, circle, ['self', 'self', 'box']), [1, 1]);
  });

  test('objects come back in results, whatever was not loaded here', { timeout: 20_000 }, async () => {
    const got = (await host.run(tasks.boxed, 'x')) as { deep: Map<string, Box>[] };
    assert.equal(got.deep[0]?.get('box')?.twice(), ['x', 'x']);
    // Its module is loaded over there because of the argument, and not before.
    const other = fresh(kind);
    const twice = await other.run(
      inline((it: { twice(): unknown }) => it.twice()),
      new Box('y'),
    );
    assert.equal(twice, ['y', 'y']);
  });

  test('classes arrive as themselves', async () => {
    assert.is(await host.run(tasks.give, Box), Box);
  });

  test('one of a class that was not registered is refused', async () => {
    assert.throws(() => host.run(tasks.give, new Unknown(1)), /register\(import\.meta, Unknown\)/);
    assert.equal(await host.run(tasks.open, new Box(2)), [true, 2, [2, 2]]);
    assert.is((await failure(host.run(inline(() => Promise.reject(new Error('x')))))).message, 'x');
  });

  test.run();
}
