import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, gettrace, Greenlet, run, settrace, type Tracer } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('trace');

type Line = [event: string, origin: string, target: string];

/** What a tracer hears of while `action` runs, with the greenlets by their names. */
function traced(action: () => void): Line[] {
  const lines: Line[] = [];
  settrace((event, origin, target) => void lines.push([event, origin.name, target.name]));
  try {
    action();
  } finally {
    settrace(null);
  }
  return lines;
}

function named(name: string, body?: (...args: any[]) => any, parent?: Greenlet): Greenlet {
  const greenlet = new Greenlet(body, parent);
  greenlet.name = name;
  return greenlet;
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test.after.each(() => void settrace(null));

test('P12 a normal child and a failing one', () => {
  const good = named('good', function* () {});
  const bad = named('bad', function* () {
    throw new Error('bad');
  });
  const lines = traced(() => {
    run(good.switch());
    attempt(() => run(bad.switch()));
  });
  assert.equal(lines, [
    ['switch', 'main', 'good'],
    ['switch', 'good', 'main'],
    ['switch', 'main', 'bad'],
    ['throw', 'bad', 'main'],
  ]);
});

test('settrace gives the tracer before, gettrace the one that is set', () => {
  const first: Tracer = () => {};
  const second: Tracer = () => {};
  assert.is(gettrace(), null);
  assert.is(settrace(first), null);
  assert.is(settrace(second), first);
  assert.is(settrace(second), second, 'setting the same one twice is nothing special');
  assert.is(gettrace(), second);
  assert.is(settrace(null), second);
  assert.is(gettrace(), null);
});

test('a tracer is a function or null', () => {
  for (const wrong of [5, 'text', {}, undefined]) {
    assert.throws(() => settrace(wrong as never), /^Expected a function or null for settrace, got /);
  }
  assert.is(gettrace(), null);
});

test('the tracer runs while the target is the current greenlet', () => {
  const seen: boolean[] = [];
  const g = new Greenlet(function* () {
    yield* main.switch();
  });
  settrace((_event, _origin, target) => void seen.push(getcurrent() === target));
  run(g.switch());
  run(g.switch());
  settrace(null);
  assert.equal(seen, [true, true, true, true]);
});

test('what travels: a throw into a greenlet, an exit that comes back as a value', () => {
  const g = named('g', function* () {
    yield* main.switch();
  });
  const lines = traced(() => {
    run(g.switch());
    run(g.throw());
  });
  assert.equal(lines, [
    ['switch', 'main', 'g'],
    ['switch', 'g', 'main'],
    ['throw', 'main', 'g'],
    ['switch', 'g', 'main'],
  ]);
});

test('a throw into an unstarted greenlet goes through it', () => {
  const lines = traced(() => {
    run(named('killed', () => 0).throw());
    attempt(() => run(named('failed', () => 0).throw(new Error('x'))));
  });
  assert.equal(lines, [
    ['throw', 'main', 'killed'],
    ['switch', 'killed', 'main'],
    ['throw', 'main', 'failed'],
    ['throw', 'failed', 'main'],
  ]);
});

test('a switch to oneself is traced, from plain code and in a greenlet', () => {
  const g = named('g', function* () {
    yield* getcurrent().switch();
  });
  const lines = traced(() => {
    run(main.switch());
    run(g.switch());
  });
  assert.equal(lines, [
    ['switch', 'main', 'main'],
    ['switch', 'main', 'g'],
    ['switch', 'g', 'g'],
    ['switch', 'g', 'main'],
  ]);
});

test('a switch to a dead greenlet is one to where it arrives', () => {
  const dead = named('dead', () => 0);
  run(dead.switch());
  const lines = traced(() => {
    run(dead.switch(1));
    run(dead.throw());
    attempt(() => run(dead.throw(new Error('x'))));
  });
  assert.equal(lines, [
    ['switch', 'main', 'main'],
    ['switch', 'main', 'main'],
    ['throw', 'main', 'main'],
  ]);
});

test('what does not move control is not traced: a missing body, a call, a bad yield, a switch that cannot be', () => {
  const { call } = greenletModule;
  const g = named('g', function* (): Generator<any, void> {
    yield* call((function* () {})());
    attempt(() => run(main.switch()));
    try {
      yield 5;
    } catch {
      yield* call((function* () {})());
    }
  });
  const lines = traced(() => {
    attempt(() => run(named('empty').switch()));
    run(g.switch());
  });
  assert.equal(lines, [
    ['switch', 'main', 'g'],
    ['switch', 'g', 'main'],
  ]);
});

test('a tracer that throws is removed, and its error is thrown into the target', () => {
  const g = new Greenlet(function* () {
    try {
      yield* main.switch();
    } catch (error) {
      return `caught ${(error as Error).message}`;
    }
    return 'nothing came';
  });
  run(g.switch());
  settrace(() => {
    throw new Error('tracer');
  });
  assert.is(run(g.switch()), 'caught tracer');
  assert.is(gettrace(), null);
});

test('a tracer that throws at the first switch kills the greenlet before it begins', () => {
  let began = false;
  const g = new Greenlet(() => {
    began = true;
  });
  settrace(() => {
    throw new Error('tracer');
  });
  assert.throws(() => run(g.switch()), /^tracer$/);
  assert.equal([began, g.dead, gettrace()], [false, true, null]);
});

test('a tracer that throws on the way back throws in main, and the greenlet lives', () => {
  const g = new Greenlet(function* () {
    yield* main.switch();
    return 'goes on';
  });
  settrace((_event, _origin, target) => {
    if (target === main) throw new Error('tracer');
  });
  assert.throws(() => run(g.switch()), /^tracer$/);
  assert.equal([gettrace(), g.dead, getcurrent() === main], [null, false, true]);
  assert.is(run(g.switch()), 'goes on');
});

test('a tracer may switch itself; what was on its way is not lost', () => {
  const log: unknown[] = [];
  const side = new Greenlet(function* (): Generator<any, void> {
    for (;;) log.push(yield* getcurrent().parent!.switch());
  });
  run(side.switch());
  const g = new Greenlet(function* (a: number, b: number) {
    return [a, b, yield* main.switch('out')];
  });
  let inside = false;
  settrace((_event, _origin, target) => {
    if (inside) return;
    inside = true;
    side.parent = target;
    run(side.switch(`before ${target === main ? 'main' : 'g'}`));
    inside = false;
  });
  assert.is(run(g.switch(1, 2)), 'out');
  assert.equal(run(g.switch(3)), [1, 2, 3]);
  settrace(null);
  assert.equal(log, ['before g', 'before main', 'before g', 'before main']);
});

const greenletModule = await import('@switchyard/greenlet');
test.run();
