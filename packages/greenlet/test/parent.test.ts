import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, GreenletError, GreenletExit, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('parent');

function* nothing(): Generator<any, void> {}

/** A greenlet that is suspended, having switched to `main`. */
function suspended(parent?: Greenlet): Greenlet {
  const greenlet = new Greenlet(function* () {
    return yield* main.switch('suspended');
  }, parent);
  assert.is(run(greenlet.switch()), 'suspended');
  return greenlet;
}

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('P03 a child that ends resumes its creator, not main', () => {
  const log: string[] = [];
  const g = new Greenlet(function* () {
    log.push('outer');
    const child = new Greenlet(function* () {
      log.push('inner');
      return 'result';
    });
    log.push(`back with ${yield* child.switch()}`);
  });
  run(g.switch());
  log.push('main');
  assert.equal(log, ['outer', 'inner', 'back with result', 'main']);
});

test('P09 the parent is the current greenlet when none or null is given', () => {
  assert.is(new Greenlet(nothing).parent, main);
  assert.is(new Greenlet(nothing, null).parent, main);
  assert.is(new Greenlet(nothing, undefined).parent, main);
  const g: Greenlet = new Greenlet(function* () {
    return new Greenlet(nothing);
  });
  assert.is((run(g.switch()) as Greenlet).parent, g);
});

test('P10 a greenlet cannot descend from itself', () => {
  const [a, b, c] = [new Greenlet(nothing), new Greenlet(nothing), new Greenlet(nothing)];
  const refused = (child: Greenlet, parent: Greenlet): void => {
    const error = thrownBy(() => (child.parent = parent));
    assert.instance(error, GreenletError);
    assert.is(error.message, 'cyclic parent chain');
  };
  refused(a, a);
  a.parent = b;
  refused(b, a);
  b.parent = c;
  refused(c, a);
  refused(c, b);
  assert.is(a.parent, b);
  assert.is(c.parent, main, 'what was refused has changed nothing');
});

test('only a greenlet can be a parent, and main has none', () => {
  const g = new Greenlet(nothing);
  for (const wrong of [null, undefined, 5, {}]) {
    assert.throws(() => (g.parent = wrong as never), /^Expected a Greenlet as the parent, got /);
  }
  assert.throws(() => new Greenlet(nothing, 5 as never), /^Expected a Greenlet as the parent, got 5$/);
  assert.is(main.parent, null);
  const error = thrownBy(() => (main.parent = g));
  assert.instance(error, GreenletError);
  assert.is(error.message, 'cannot set the parent of a main greenlet');
});

test('the result goes to the parent, not to whoever switched last', () => {
  const log: unknown[] = [];
  const parent = new Greenlet(function* () {
    log.push(['parent got', yield* main.switch()]);
    return 'parent ended';
  });
  run(parent.switch());
  const child = new Greenlet(function* () {
    return 'child ended';
  }, parent);
  const other = new Greenlet(function* () {
    yield* child.switch();
    log.push('not reached');
  });
  assert.is(run(other.switch()), 'parent ended');
  assert.equal(log, [['parent got', 'child ended']]);
  assert.equal([parent.dead, child.dead, other.dead], [true, true, false]);
});

test('a new parent in mid-flight receives the result', () => {
  const g1 = suspended();
  const g2 = new Greenlet(function* () {
    yield* main.switch();
    return 'g2';
  });
  run(g2.switch());
  g2.parent = g1;
  assert.is(run(g2.switch()), 'g2', 'g1 returns what g2 left, to its own parent');
  assert.ok(g1.dead && g2.dead);
});

test('a new parent in mid-flight receives the error', () => {
  const g1 = new Greenlet(function* () {
    try {
      yield* main.switch();
    } catch (error) {
      return `caught ${(error as Error).message}`;
    }
    return 'no error';
  });
  run(g1.switch());
  const g2 = new Greenlet(function* () {
    yield* main.switch();
    throw new Error('from g2');
  });
  run(g2.switch());
  g2.parent = g1;
  assert.is(run(g2.switch()), 'caught from g2');
});

test('an error goes up until somebody catches it, and whoever does not dies', () => {
  const top = suspended();
  const middle = suspended(top);
  const child = new Greenlet(function* () {
    throw new RangeError('up');
  }, middle);
  assert.throws(() => run(child.switch()), /^up$/);
  assert.equal([child.dead, middle.dead, top.dead], [true, true, true]);
});

test('a body may give itself another parent', () => {
  const heir = suspended();
  const g: Greenlet = new Greenlet(function* () {
    getcurrent().parent = heir;
    return 'inherited';
  });
  assert.is(run(g.switch()), 'inherited');
  assert.is(heir.dead, true);
});

test('a child that ends starts an unstarted parent with its result', () => {
  const parent = new Greenlet((x: unknown) => ['started with', x]);
  const child = new Greenlet(function* () {
    return 'child';
  }, parent);
  assert.equal(run(child.switch()), ['started with', 'child']);
  assert.ok(parent.dead);
});

test('a child that ends by an exit starts an unstarted parent with that', () => {
  // greenlet 2.0.2 starts it with nothing at all.
  const parent = new Greenlet((x: unknown) => x);
  const child = new Greenlet(function* () {
    yield* main.switch();
  }, parent);
  run(child.switch());
  const exit = new GreenletExit();
  assert.is(run(child.throw(exit)), exit);
  assert.ok(parent.dead);
});

test('an unstarted parent that cannot cope with the result passes its own error on', () => {
  const parent = new Greenlet((x: unknown) => {
    throw new TypeError(`cannot use ${String(x)}`);
  });
  const child = new Greenlet(() => 'this', parent);
  assert.throws(() => run(child.switch()), /^cannot use this$/);
  assert.ok(parent.dead && child.dead);
});

test('a child that fails kills an unstarted parent before it begins', () => {
  let began = false;
  const parent = new Greenlet(() => {
    began = true;
  });
  const child = new Greenlet(() => {
    throw new Error('first');
  }, parent);
  assert.throws(() => run(child.switch()), /^first$/);
  assert.equal([began, parent.dead], [false, true]);
});

test('a switch to a dead greenlet goes up to the first ancestor that lives', () => {
  const grand = suspended();
  const parent = suspended(grand);
  const child = suspended(parent);
  run(child.switch());
  assert.equal([child.dead, parent.dead, grand.dead], [true, true, true]);

  const alive = suspended();
  grand.parent = alive;
  assert.is(run(child.switch('far up')), 'far up');
  assert.is(alive.dead, true, 'it was resumed with the value, and returned it');
});

test('a switch to a dead greenlet starts an unstarted parent with all of the values', () => {
  const child = new Greenlet(nothing);
  run(child.switch());
  child.parent = new Greenlet((...all: unknown[]) => all);
  assert.equal(run(child.switch(1, 2, 3)), [1, 2, 3]);
});

test('a parent without a body: the error goes to the next ancestor, and the parent stays as it was', () => {
  const parent = new Greenlet();
  const child = new Greenlet(() => 7, parent);
  const error = thrownBy(() => run(child.switch()));
  assert.instance(error, GreenletError);
  assert.match(error.message, /^greenlet Greenlet-\d+ has no run: /);
  assert.equal([parent.dead, child.dead], [false, true]);
  parent.run = (x: unknown) => `now ${x}`;
  assert.is(run(parent.switch('it can')), 'now it can');
});

test('a parent without a body keeps the error of its child as the cause', () => {
  const parent = new Greenlet();
  const child = new Greenlet(() => {
    throw new RangeError('why');
  }, parent);
  const error = thrownBy(() => run(child.switch()));
  assert.instance(error, GreenletError);
  assert.is((error.cause as Error).message, 'why');
  assert.is(parent.dead, false);
});

test('parents of greenlets made inside greenlets form a chain up to main', () => {
  const chain: (Greenlet | null)[] = [];
  const outer: Greenlet = new Greenlet(function* () {
    const inner = new Greenlet(function* () {
      for (let g: Greenlet | null = getcurrent(); g !== null; g = g.parent) chain.push(g);
    });
    yield* inner.switch();
    return inner;
  });
  const inner = run(outer.switch());
  assert.equal(chain.length, 3);
  assert.ok(chain[0] === inner && chain[1] === outer && chain[2] === main);
});

test.run();
