import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, GreenletExit, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('dispose');

test('using runs the finally blocks of a suspended greenlet', () => {
  const log: string[] = [];
  {
    using g = new Greenlet(function* () {
      try {
        yield* main.switch();
      } finally {
        log.push('cleaned');
      }
    });
    run(g.switch());
    log.push('end of block');
  }
  assert.equal(log, ['end of block', 'cleaned']);
});

test('one that has not started dies without running, a dead one stays as it is', () => {
  let began = false;
  const g = new Greenlet(() => {
    began = true;
  });
  g[Symbol.dispose]();
  assert.equal([began, g.dead], [false, true]);
  g[Symbol.dispose]();
  assert.is(g.dead, true);
});

test('the exit comes back to the one who disposes, whoever the parent is', () => {
  let parentRan = false;
  const parent = new Greenlet(() => {
    parentRan = true;
  });
  const g = new Greenlet(function* () {
    yield* main.switch();
  }, parent);
  run(g.switch());
  g[Symbol.dispose]();
  assert.equal([g.dead, parentRan], [true, false]);
  assert.is(g.parent, parent);
});

test('a greenlet that survives keeps its parent', () => {
  const log: unknown[] = [];
  const parent = new Greenlet(function* () {
    log.push(['parent got', yield* main.switch()]);
  });
  run(parent.switch());
  const g = new Greenlet(function* () {
    try {
      yield* main.switch();
    } catch (error) {
      assert.instance(error, GreenletExit);
      yield* main.switch();
    }
    return 'survivor';
  }, parent);
  run(g.switch());
  g[Symbol.dispose]();
  assert.is(g.dead, false);
  assert.is(g.parent, parent);
  run(g.switch());
  assert.equal(log, [['parent got', 'survivor']]);
});

test('a child may dispose of its own ancestor', () => {
  // The ancestor used to be left below its descendant, and the end of either never came.
  const log: string[] = [];
  const ancestor: Greenlet = new Greenlet(function* () {
    const child = new Greenlet(function* () {
      ancestor[Symbol.dispose]();
      log.push(`ancestor dead: ${ancestor.dead}`);
      return 'from the child';
    });
    try {
      yield* child.switch();
    } finally {
      log.push('ancestor cleaned');
    }
  });
  assert.is(run(ancestor.switch()), 'from the child');
  assert.equal(log, ['ancestor cleaned', 'ancestor dead: true']);
  assert.is(ancestor.parent, main);
});

test('an error of the cleanup is thrown by the dispose', () => {
  const g = new Greenlet(function* () {
    try {
      yield* main.switch();
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- what this test is about
      throw new RangeError('cleanup');
    }
  });
  run(g.switch());
  assert.throws(() => g[Symbol.dispose](), /^cleanup$/);
  assert.is(g.dead, true);
});

test('the current greenlet cannot dispose of itself: nothing happens', () => {
  main[Symbol.dispose]();
  const g: Greenlet = new Greenlet(function* () {
    g[Symbol.dispose]();
    return 'alive';
  });
  assert.is(run(g.switch()), 'alive');
});

test.run();
