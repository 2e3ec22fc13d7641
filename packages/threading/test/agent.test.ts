/** The table of threads. */
import { suite } from '@switchyard/testing';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { RuntimeError } from '@switchyard/remote';
import { adopt, aliveCount, allocate, currentAgent, deaths, isAlive, retire } from '../src/agent.ts';
import { changed, inWorker, sharedInts, thrownBy } from './support.ts';

const test = suite('agent');

test('this thread has an id that stays', () => {
  assert.is(currentAgent(), currentAgent());
  assert.ok(currentAgent() > 0 && currentAgent() < 2 ** 30);
  assert.is(isAlive(currentAgent()), true);
});

test('allocate and retire', () => {
  const before = aliveCount();
  const died = deaths();
  const id = allocate();
  assert.is(isAlive(id), true);
  assert.is(aliveCount(), before + 1);
  retire(id);
  assert.is(isAlive(id), false);
  assert.is(aliveCount(), before);
  assert.is(deaths(), died + 1);
  retire(id);
  assert.is(deaths(), died + 1, 'once');
});

test('an id is not used again', () => {
  const seen = new Set<number>();
  for (let n = 0; n < 20_000; n++) {
    const id = allocate();
    assert.is(seen.has(id), false);
    seen.add(id);
    retire(id);
  }
  for (const id of seen) if (isAlive(id)) assert.unreachable(`${id} is dead`);
});

test('those below one that ends end with it', () => {
  const own = currentAgent();
  const parent = allocate();
  adopt(parent);
  const child = allocate();
  adopt(child);
  const grandchild = allocate();
  adopt(own);
  const other = allocate();
  retire(parent);
  assert.equal([parent, child, grandchild, other].map(isAlive), [false, false, false, true]);
  retire(other);
});

test('a table that is full', async () => {
  const ids: number[] = [];
  const error = await thrownBy(() => {
    for (;;) ids.push(allocate());
  });
  assert.instance(error, RuntimeError);
  assert.match(error.message, '4096 threads are alive');
  for (const id of ids) retire(id);
  assert.is(aliveCount(), 1);
});

test('what is no id is refused', async () => {
  for (const id of [0, -1, 1.5, NaN, 'x', null, 2 ** 30]) {
    assert.instance(await thrownBy(() => retire(id as never)), TypeError);
    assert.instance(await thrownBy(() => adopt(id as never)), TypeError);
  }
});

test('a worker takes an id at first use, and gives it back when it ends', async () => {
  const running = inWorker('agentId');
  const id = await running.result;
  assert.is.not(id, currentAgent());
  await running.exited;
  assert.is(isAlive(id), false);
});

test('the id of a worker that is terminated is given back', async () => {
  const before = aliveCount();
  const words = sharedInts(1);
  const running = inWorker('meet', words);
  await changed(words, 0, 0);
  assert.is(aliveCount(), before + 1);
  await running.worker.terminate();
  assert.is(aliveCount(), before);
});

test('with a worker, the workers that it had started', async () => {
  const before = aliveCount();
  const words = sharedInts(1);
  const inner = new URL('worker.mjs', import.meta.url).href;
  const outer = `
    const { Worker, workerData } = require('node:worker_threads');
    import('tsx/esm/api').then(({ register }) => {
      register();
      return import(${JSON.stringify(new URL('../src/agent.ts', import.meta.url).href)});
    }).then((agent) => {
      agent.currentAgent();
      new Worker(new URL(${JSON.stringify(inner)}), { workerData: { name: 'meet', args: [workerData], modules: [] } });
    });`;
  const worker = new Worker(outer, { eval: true, workerData: words });
  await changed(words, 0, 0);
  assert.is(aliveCount(), before + 2);
  await worker.terminate();
  assert.is(aliveCount(), before);
});

test.run();
