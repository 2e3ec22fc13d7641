import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('switch');

test('P01 a body and main take turns', () => {
  const log: number[] = [];
  const g = new Greenlet(function* () {
    log.push(1);
    yield* main.switch();
    log.push(3);
  });
  log.push(0);
  run(g.switch());
  log.push(2);
  run(g.switch());
  log.push(4);
  assert.equal(log, [0, 1, 2, 3, 4]);
});

test('P02 two children of one body keep apart', () => {
  const lengths: number[] = [];
  const log: string[] = [];
  function* body(): Generator<any, void> {
    log.push('in');
    yield* main.switch();
    log.push('between');
    log.push('out');
  }
  const g = new Greenlet(body);
  const h = new Greenlet(body);
  run(g.switch());
  lengths.push(log.length);
  run(h.switch());
  lengths.push(log.length);
  run(h.switch());
  lengths.push(log.length);
  assert.is(h.dead, true);
  assert.is(g.dead, false);
  run(g.switch());
  lengths.push(log.length);
  assert.equal(lengths, [1, 2, 4, 6]);
  assert.ok(g.dead && h.dead);
});

test('P04 the first values are arguments, later ones the result of the switch, the result goes to the parent', () => {
  const seen: unknown[] = [];
  const g = new Greenlet(function* (a: number, b: string) {
    seen.push(a, b);
    seen.push(yield* main.switch('from the body'));
    return 'the end';
  });
  assert.is(run(g.switch(1, 'two')), 'from the body');
  assert.is(run(g.switch('later')), 'the end');
  assert.equal(seen, [1, 'two', 'later']);
});

test('P06 a dead greenlet hands what it is given to its parent', () => {
  const g = new Greenlet(function* () {});
  run(g.switch());
  assert.is(run(g.switch(25)), 25);
  assert.is(run(g.switch()), undefined);
  assert.equal(run(g.switch(1, 2)), [1, 2]);
});

test('none arrives as undefined, one as itself, several as an array', () => {
  const g = new Greenlet(function* (): Generator<any, void> {
    let got: unknown = 'start';
    for (;;) got = yield* main.switch(got);
  });
  run(g.switch());
  const list = [1];
  assert.is(run(g.switch()), undefined);
  assert.is(run(g.switch(undefined)), undefined);
  assert.is(run(g.switch(null)), null);
  assert.is(run(g.switch(list)), list, 'an array given as the one value stays itself');
  assert.equal(run(g.switch(1, 2)), [1, 2]);
  assert.equal(run(g.switch(undefined, undefined)), [undefined, undefined]);
});

test('the first switch spreads its values, and only those, as arguments', () => {
  const counts: number[] = [];
  for (const values of [[], [undefined], [[1, 2]], [1, 2, 3]]) {
    const g = new Greenlet(function* () {
      counts.push(arguments.length);
    });
    run(g.switch(...values));
  }
  assert.equal(counts, [0, 1, 1, 3]);
});

test('a switch to oneself gives the values back', () => {
  assert.is(run(main.switch(7)), 7);
  assert.is(run(main.switch()), undefined);
  assert.equal(run(main.switch(1, 2)), [1, 2]);
  const g = new Greenlet(function* () {
    const me = getcurrent();
    return [yield* me.switch(5), yield* me.switch(1, 2), yield* me.switch()];
  });
  assert.equal(run(g.switch()), [5, [1, 2], undefined]);
});

test('two greenlets switch to each other without main', () => {
  const log: string[] = [];
  const ping: Greenlet = new Greenlet(function* () {
    for (let i = 0; i < 3; i++) log.push(`ping ${yield* pong.switch(i)}`);
    return 'ping ends';
  });
  const pong: Greenlet = new Greenlet(function* (i: unknown) {
    for (;;) {
      log.push(`pong ${i}`);
      i = yield* ping.switch(i);
    }
  });
  assert.is(run(ping.switch()), 'ping ends');
  assert.equal(log, ['pong 0', 'ping 0', 'pong 1', 'ping 1', 'pong 2', 'ping 2']);
  assert.is(pong.dead, false);
});

test('getcurrent says who runs', () => {
  const seen: Greenlet[] = [];
  const g: Greenlet = new Greenlet(function* () {
    seen.push(getcurrent());
    yield* main.switch();
    seen.push(getcurrent());
  });
  run(g.switch());
  seen.push(getcurrent());
  run(g.switch());
  seen.push(getcurrent());
  assert.equal(
    seen.map((greenlet) => greenlet === g),
    [true, false, true, false],
  );
  assert.is(getcurrent(), main);
});

test('dead and active before, during and after', () => {
  const states: boolean[][] = [];
  const note = (): void => void states.push([g.dead, g.active]);
  const g: Greenlet = new Greenlet(function* () {
    note();
    yield* main.switch();
  });
  note();
  run(g.switch());
  note();
  run(g.switch());
  note();
  assert.equal(states, [
    [false, false],
    [false, true],
    [false, true],
    [true, false],
  ]);
  assert.equal([main.dead, main.active], [false, true]);
});

test('a switch that was made can wait, and be made again', () => {
  const got: unknown[] = [];
  const g = new Greenlet(function* (): Generator<any, void> {
    for (;;) got.push(yield* main.switch());
  });
  run(g.switch());
  const again = g.switch('x');
  assert.equal(got, [], 'nothing happens before run');
  run(again);
  run(again);
  assert.equal(got, ['x', 'x']);
});

test('one switch may be yielded by several greenlets at a time', () => {
  // A shared "back to main" used to be taken for the arrival of the greenlet that was away with it.
  const back = main.switch('back');
  const log: unknown[] = [];
  const make = (name: string): Greenlet =>
    new Greenlet(function* () {
      log.push(`${name} in`);
      log.push(name + String(yield* back));
    });
  const a = make('a');
  const b = make('b');
  assert.is(run(a.switch()), 'back');
  assert.is(run(b.switch()), 'back');
  assert.equal(log, ['a in', 'b in']);
  run(a.switch(1));
  run(b.switch(2));
  assert.equal(log, ['a in', 'b in', 'a1', 'b2']);
});

test('yield* keeps working below nested coroutines', () => {
  function* inner(x: number): Generator<any, number> {
    return ((yield* main.switch(x)) as number) + 1;
  }
  function* outer(x: number): Generator<any, number> {
    return (yield* inner(x)) + (yield* inner(x * 10));
  }
  const g = new Greenlet(outer);
  assert.is(run(g.switch(1)), 1);
  assert.is(run(g.switch(100)), 10);
  assert.is(run(g.switch(1000)), 101 + 1001);
});

test('an error inside of a nested coroutine can be caught around it', () => {
  function* inner(): Generator<any, void> {
    yield* main.switch();
    throw new RangeError('inner');
  }
  const g = new Greenlet(function* () {
    try {
      yield* inner();
    } catch (error) {
      return `caught ${(error as Error).message}`;
    }
    return 'not reached';
  });
  run(g.switch());
  assert.is(run(g.switch()), 'caught inner');
});

test('a hundred thousand switches leave the stack where it was', () => {
  const a: Greenlet = new Greenlet(function* () {
    for (let i = 0; i < 100_000; i++) yield* b.switch();
    return 'done';
  });
  const b: Greenlet = new Greenlet(function* () {
    for (;;) yield* a.switch();
  });
  assert.is(run(a.switch()), 'done');
});

test.run();
