import { inspect } from 'node:util';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getcurrent, Greenlet, run } from '@switchyard/greenlet';

const main = getcurrent();
const test = suite('name');

test('is that of the body and a number', () => {
  const g = new Greenlet(function* crawl() {});
  const h = new Greenlet(function* crawl() {});
  assert.match(g.name, /^crawl-\d+$/);
  assert.match(h.name, /^crawl-\d+$/);
  assert.is.not(g.name, h.name);
  assert.is(g.name, g.name, 'and stays');
});

test('is that of the class where the body has none', () => {
  class Worker extends Greenlet {
    override *run(): Generator<never, void> {}
  }
  assert.match(new Greenlet().name, /^Greenlet-\d+$/);
  assert.match(new Greenlet(() => 0).name, /^Greenlet-\d+$/);
  assert.match(new Worker().name, /^Worker-\d+$/);
});

test('follows a body that is set later, until it has been asked for', () => {
  const g = new Greenlet();
  g.run = function later() {};
  const name = g.name;
  assert.match(name, /^later-\d+$/);
  g.run = function other() {};
  assert.is(g.name, name);
});

test('can be set', () => {
  const g = new Greenlet(function* body() {});
  g.name = 'mine';
  assert.is(g.name, 'mine');
  assert.is(main.name, 'main');
});

test('toString tells name and state', () => {
  const g: Greenlet = new Greenlet(function* () {
    yield* main.switch(String(g));
  });
  g.name = 'g';
  assert.is(String(g), '<Greenlet g pending>');
  assert.is(run(g.switch()), '<Greenlet g current>');
  assert.is(String(g), '<Greenlet g suspended>');
  run(g.switch());
  assert.is(`${g}`, '<Greenlet g dead>');
  assert.is(String(main), '<Greenlet main current main>');
});

test('the inspector shows the same', () => {
  const g = new Greenlet(() => 0);
  g.name = 'g';
  assert.is(inspect(g), '<Greenlet g pending>');
  assert.is(inspect({ g }), '{ g: <Greenlet g pending> }');
});

test.run();
