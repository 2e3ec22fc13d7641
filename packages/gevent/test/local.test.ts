/** Local. The originals' promises are those of gevent's test__local. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Group, Local, Pool, sleep, spawn, spawnRaw } from '../src/index.ts';
import { Log, program, thrownBy } from './support.ts';

const test = suite('Local');

test('each greenlet has its own value', function* () {
  const local = new Local<string | undefined>();
  local.value = 'mine';
  const others = ['a', 'b'].map((name) =>
    spawn(function* () {
      assert.is(local.value, undefined, 'nothing is inherited');
      assert.is(local.has(), false);
      local.value = name;
      yield* sleep(0);
      return local.value;
    }),
  );
  assert.equal([yield* others[0]!, yield* others[1]!], ['a', 'b']);
  assert.is(local.value, 'mine');
});

test('the first value is made in each greenlet, when it is first read, once', function* () {
  const makers: unknown[] = [];
  const local = new Local(() => {
    makers.push(getcurrent());
    return { list: [] as number[] };
  });
  assert.is(makers.length, 0);
  local.value.list.push(1);
  local.value.list.push(2);
  assert.equal(local.value.list, [1, 2]);
  const other = spawn(() => local.value.list);
  assert.equal(yield* other, []);
  assert.equal(makers, [getcurrent(), other]);
  const unread = new Local(() => assert.unreachable());
  unread.value = undefined as never;
  assert.is(unread.value, undefined, 'one that was set needs no first one');
});

test('undefined is a value', () => {
  const local = new Local<undefined>();
  assert.is(local.has(), false);
  local.value = undefined;
  assert.is(local.has(), true);
});

test('delete takes the own value away; the next is made anew', function* () {
  let made = 0;
  const local = new Local(() => ++made);
  assert.is(local.value, 1);
  yield* spawn(() => {
    assert.is(local.value, 2);
    local.delete();
  });
  assert.is(local.value, 1);
  local.delete();
  assert.is(local.has(), false);
  assert.is(local.value, 3);
  local.delete();
  local.delete();
});

test('several locals do not see each other', function* () {
  const [a, b] = [new Local<number | undefined>(), new Local<number | undefined>()];
  yield* spawn(function* () {
    a.value = 1;
    yield* sleep(0);
    assert.is(b.has(), false);
    b.value = 2;
    assert.is(a.value, 1);
  });
});

test('an error of the maker is thrown where it is read, and nothing is kept', () => {
  let good = false;
  const local = new Local(() => {
    if (!good) throw new RangeError('not yet');
    return 1;
  });
  assert.instance(
    thrownBy(() => local.value),
    RangeError,
  );
  good = true;
  assert.is(local.value, 1);
});

test('a subclass has verbs of its own', function* () {
  class Counter extends Local<number> {
    constructor() {
      super(() => 0);
    }
    count(): number {
      return ++this.value;
    }
  }
  const counter = new Counter();
  counter.count();
  assert.is(yield* spawn(() => counter.count()), 1);
  assert.is(counter.count(), 2);
  assert.is(new Local().constructor.name, 'Local');
});

test('in links, raw greenlets and members of a pool: each is a greenlet of its own', function* () {
  const log = new Log();
  const local = new Local(() => 'fresh');
  local.value = 'mine';
  const g = spawn(() => {
    local.value = 'its own';
  });
  g.link(() => log.add(local.value));
  yield* g;
  spawnRaw(() => log.add(local.value));
  yield* sleep(0);
  assert.equal(yield* new Pool(1).map(() => local.value, [1, 2]), ['fresh', 'fresh']);
  assert.is(yield* new Group().apply(() => local.value), 'fresh');
  assert.is(log.take(), 'fresh, fresh');
});

test('all plain and async code shares one', async () => {
  const local = new Local<number | undefined>();
  local.value = 1;
  await Promise.resolve();
  assert.is(local.value, 1);
  await (async () => {
    await Promise.resolve();
    local.value = 2;
  })();
  assert.is(local.value, 2);
  local.delete();
});

test('values go with their greenlets, and with their locals, whoever keeps the other', async () => {
  const { code, stdout, stderr } = await program(
    `
  import { Event, Local, sleep, spawn } from '@switchyard/gevent';
  const event = new Event();
  const local = new Local();
  const refs = [];
  const keep = (value) => {
    refs.push(new WeakRef(value));
    return value;
  };
  const kept = [
    spawn(() => { local.value = keep({}); }),
    spawn(function* () { local.value = keep({}); yield* sleep(1000); }),
    spawn(() => { local.value = keep({}); throw new Error('expected'); }),
  ];
  kept[2].link(() => {});
  await sleep(0);
  await kept[1].kill();
  // One that lives has set a value of a local that nobody has any more.
  const living = spawn(function* () {
    new Local().value = keep({});
    yield* event.wait();
  });
  await sleep(0);
  for (let n = 0; n < 5; n++) { await new Promise((resolve) => setImmediate(resolve)); gc(); }
  console.log(refs.map((ref) => ref.deref() === undefined).join(' '), kept.every((g) => g.dead), living.dead);
  event.set();
  await living;
  `,
    { node: ['--expose-gc'] },
  );
  assert.is(stderr, '');
  assert.is(code, 0);
  assert.is(stdout.trim(), 'true true true true true false');
});

test('a cleanup has the value still', function* () {
  const results: boolean[] = [];
  const local = new Local<number | undefined>();
  const victim = spawn(function* () {
    local.value = 1;
    try {
      yield* sleep(1000);
    } finally {
      results.push(local.has());
    }
  });
  yield* sleep(0);
  yield* victim.kill();
  assert.equal(results, [true]);
});

test('what is no maker is refused', () => {
  assert.is(
    thrownBy(() => new Local(5 as never)).message,
    'Expected a function that makes the first value of a Local, got 5',
  );
});

test.run();
