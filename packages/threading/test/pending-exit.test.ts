/** When a process ends: not while a thread can still wake somebody, and at once when none can. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { program } from './support.ts';

const test = suite('exit');

const src = new URL('../src/', import.meta.url).href;
const worker = JSON.stringify(new URL('worker.mjs', import.meta.url).href);
const start = `
  import { Worker } from 'node:worker_threads';
  import { dehydrate } from '@switchyard/remote/core';
  import { Event } from '${src}event.ts';
  import { Lock } from '${src}lock.ts';
  import { Semaphore } from '${src}semaphore.ts';
  const run = (name, ...args) => {
    const { value, modules } = dehydrate(args);
    const worker = new Worker(new URL(${worker}), {
      workerData: { name, args: value, modules: modules ?? [] },
      // What is left out has the program itself as its text.
      execArgv: process.execArgv.filter((option) => option.startsWith('--conditions')),
    });
    worker.unref();
    return worker;
  };
`;

test('it lives while a wait is pending that a thread which does not keep it alive will wake', async () => {
  const { code, stdout, stderr } = await program(`${start}
    const event = new Event();
    const ready = new Event();
    run('setLater', ready, event, 300);
    // Until the worker is known there is only the timer that keeps this one alive.
    const alive = setInterval(() => {}, 1000);
    await ready.wait();
    clearInterval(alive);
    console.log(await event.wait());
  `);
  assert.is(stdout, 'true\n', stderr);
  assert.is(code, 0);
});

test('it ends when nobody waits', async () => {
  const { code, stdout, stderr } = await program(`${start}
    const lock = new Lock();
    lock.tryAcquire();
    console.log(await lock.acquire({ timeout: 10 }));
    const semaphore = new Semaphore(0);
    console.log(await semaphore.acquire({ timeout: 10 }));
  `);
  assert.is(stdout, 'false\nfalse\n', stderr);
  assert.is(code, 0);
});

test('a deadlock of the only thread is told', async () => {
  const { code, stderr } = await program(`${start}
    const lock = new Lock();
    await lock.acquire();
    await lock.acquire();
  `);
  assert.is(code, 1);
  assert.match(stderr, 'LoopExit');
  assert.match(stderr, 'await Lock.acquire');
});

test('a wait whose thread was the last other one, and ends without waking it, is told', async () => {
  const { code, stderr } = await program(`${start}
    const event = new Event();
    const ready = new Event();
    run('setLater', ready, new Event(), 100);
    const alive = setInterval(() => {}, 1000);
    await ready.wait();
    clearInterval(alive);
    await event.wait();
  `);
  assert.is(code, 1);
  assert.match(stderr, 'LoopExit');
});

test('process.exit() in the middle of everything', async () => {
  const { code } = await program(`${start}
    const lock = new Lock();
    const held = new Event();
    run('hold', lock, held);
    const alive = setInterval(() => {}, 1000);
    await held.wait();
    void lock.acquire().then(() => {});
    setTimeout(() => process.exit(7), 20);
  `);
  assert.is(code, 7);
});

test.run();
