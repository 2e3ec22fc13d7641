/** Async code that knows only the platform, killed and timed out with its greenlet. */
import http from 'node:http';
import timersModule from 'node:timers';
import timersPromises, * as timersNamespace from 'node:timers/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { suite } from '@switchyard/testing';
import ky from 'ky';
import * as assert from 'uvu/assert';
import {
  AsyncResult,
  Event,
  GreenletExit,
  monkey,
  sleep,
  spawn,
  Timeout,
  until,
  withTimeout,
} from '@switchyard/gevent';
import { deferred, serve, type TestServer } from './fetch-server.ts';
import { Log, program, rejection, thrownBy, turn } from './support.ts';

const test = suite('monkey');
let server: TestServer;
/** What the server has seen. */
let requests: string[];
/** Set when a request has come, and when its connection has been closed. */
let came: Event;
let gone: Event;
/** Set when the head of a response has come. */
let answered: Event;

test.before.each(async () => {
  requests = [];
  came = new Event();
  gone = new Event();
  answered = new Event();
  server = await serve((request, response) => {
    requests.push(request.url!);
    response.once('close', () => !response.writableFinished && gone.set());
    if (request.url === '/body') response.write('a part');
    else if (request.url !== '/slow') response.end(`page ${request.url}`);
    came.set();
  });
  monkey.patchAll();
});
test.after.each(async () => {
  monkey.unpatchAll();
  await server[Symbol.asyncDispose]();
});

async function nothingButFetch(path: string): Promise<string> {
  const response = await fetch(server.url + path);
  answered.set();
  return response.text();
}

async function deep(path: string, depth = 5): Promise<string> {
  await Promise.resolve();
  await new Promise((resolve) => void setImmediate(resolve));
  return depth === 0 ? nothingButFetch(path) : deep(path, depth - 1);
}

test('works as before where nothing interrupts it', async () => {
  assert.is(await nothingButFetch('/outside'), 'page /outside');
  const greenlet = spawn(function* () {
    const response = yield* until(fetch(`${server.url}/inside`));
    yield* until(delay(1));
    assert.is(yield* until(delay(1, 'value')), 'value');
    assert.is(yield* until(promisify(setTimeout)(1, 'value')), 'value');
    assert.is(yield* until(new Promise((resolve) => void setTimeout(resolve, 1, 'value'))), 'value');
    assert.is(yield* until(timersNamespace.setImmediate('value')), 'value');
    yield* until(timersNamespace.scheduler.wait(1));
    return yield* until(response.text());
  });
  assert.is(await greenlet, 'page /inside');
});

for (const [name, work] of [
  ['fetch', () => nothingButFetch('/slow')],
  ['fetch below awaits', () => deep('/slow')],
  ['the body of a response', () => deep('/body')],
  ['ky', () => ky.get(`${server.url}/slow`).text()],
  [
    'the body through ky',
    async () => {
      const response = await ky.get(`${server.url}/body`);
      answered.set();
      return response.text();
    },
  ],
  ['several', () => Promise.all([deep('/slow'), deep('/slow')])],
  [
    'http.get',
    () =>
      new Promise((resolve, reject) => {
        http.get(`${server.url}/slow`, resolve).on('error', reject);
      }),
  ],
] as const) {
  test(`a kill aborts ${name}`, async () => {
    let failure: Promise<unknown> | undefined;
    const greenlet = spawn(() => {
      const promise = work() as Promise<unknown>;
      failure = rejection(promise);
      return promise;
    });
    await came.wait();
    if (name.includes('body')) await answered.wait();
    await greenlet.kill();
    assert.instance(greenlet.value, GreenletExit);
    assert.is(await failure, greenlet.value);
    await gone.wait();
  });
}

test('a timeout aborts it, and the greenlet goes on, with new work', async () => {
  const greenlet = spawn(function* () {
    let failure: Promise<unknown> | undefined;
    const result = yield* withTimeout(
      30,
      () => {
        const promise = deep('/slow');
        failure = rejection(promise);
        return promise;
      },
      { value: 'late' },
    );
    assert.is(result, 'late');
    assert.instance(yield* until(failure!), Timeout);
    yield* gone.wait();
    return yield* until(deep('/next'));
  });
  assert.is(await greenlet, 'page /next');
});

test('a client that retries does not live on', async () => {
  const attempts: number[] = [];
  let failure: Promise<unknown> | undefined;
  const greenlet = spawn(() => {
    const promise = ky
      .get(`${server.url}/slow`, {
        retry: { limit: 3, delay: () => 1 },
        hooks: { beforeRetry: [({ retryCount }) => void attempts.push(retryCount)] },
      })
      .text();
    failure = rejection(promise);
    return promise;
  });
  await came.wait();
  await greenlet.kill();
  assert.is(await failure, greenlet.value);
  assert.equal(requests, ['/slow']);
});

for (const [name, wait] of [
  ['setTimeout of timers/promises', () => delay(60_000)],
  ['its default export', () => timersPromises.setTimeout(60_000)],
  ['scheduler.wait', () => timersNamespace.scheduler.wait(60_000)],
  ['promisify(setTimeout)', () => promisify(setTimeout)(60_000)],
  ['a promise of setTimeout', () => new Promise((resolve) => void setTimeout(resolve, 60_000))],
  ['one of node:timers', () => new Promise((resolve) => void timersModule.setTimeout(resolve, 60_000))],
  [
    'setInterval of timers/promises',
    async () => {
      for await (const _ of timersNamespace.setInterval(60_000)) assert.unreachable();
    },
  ],
] as const) {
  test(`a kill ends ${name}, and leaves no timer`, async () => {
    const log = new Log();
    const done = new AsyncResult<string>();
    const greenlet = spawn(async () => {
      await Promise.resolve();
      try {
        await wait();
      } catch (error) {
        log.add((error as Error).name);
        throw error;
      } finally {
        done.set(log.take());
      }
    });
    await turn();
    await greenlet.kill();
    assert.is(await done, 'GreenletExit');
  });
}

test('the user’s own signals are heard as well', async () => {
  const controller = new AbortController();
  const greenlet = spawn(async () => {
    const errors = await Promise.all([
      rejection(fetch(`${server.url}/slow`, { signal: controller.signal })),
      rejection(fetch(new Request(`${server.url}/slow`, { signal: controller.signal }))),
      rejection(delay(60_000, null, { signal: controller.signal })),
    ]);
    return errors.map((error) => (error as Error).name);
  });
  await came.wait();
  controller.abort();
  assert.equal(await greenlet, ['AbortError', 'AbortError', 'AbortError']);
});

test('wrong arguments are the original’s to complain of', async () => {
  const greenlet = spawn(async () => {
    const errors = await Promise.all([
      rejection(fetch(server.url, { signal: 5 as never })),
      rejection(delay(1, null, { signal: 5 as never })),
      rejection(delay(1, null, 5 as never)),
      rejection(fetch(undefined as never)),
    ]);
    return errors.map((error) => (error as Error).name);
  });
  assert.equal(await greenlet, ['TypeError', 'TypeError', 'TypeError', 'TypeError']);
  const noFunction = 5 as unknown as () => void;
  await spawn(() => assert.throws(() => setTimeout(noFunction), 'callback'));
});

test('only the greenlet’s own work is aborted: not its child’s, not its parent’s, not another’s', async () => {
  const release = deferred();
  const log = new Log();
  const work = async (name: string) => {
    await release.promise;
    await delay(1);
    log.add(name);
  };
  const waiting = async (name: string) => {
    const timer = delay(20);
    await timer;
    await work(name);
  };
  let child: { join(): PromiseLike<void> } | undefined;
  const victim = spawn(async () => {
    child = spawn(() => waiting('child'));
    await delay(60_000);
  });
  const parent = spawn(function* () {
    const killed = spawn(() => delay(60_000));
    const mine = waiting('parent');
    yield* sleep(1);
    yield* killed.kill();
    yield* until(mine);
  });
  const other = spawn(() => waiting('other'));
  const outside = waiting('outside');
  await sleep(5);
  await victim.kill();
  release.resolve();
  await Promise.all([child!.join(), parent, other, outside]);
  assert.equal(log.take().split(', ').toSorted(), ['child', 'other', 'outside', 'parent']);
});

test('async code that waited for something else is told at the next thing that it begins', async () => {
  const gate = deferred();
  const log = new Log();
  const done = deferred();
  const greenlet = spawn(async () => {
    try {
      await gate.promise;
      await nothingButFetch('/never');
    } catch (error) {
      log.add((error as Error).name);
    } finally {
      done.resolve();
    }
  });
  await turn();
  await greenlet.kill();
  gate.resolve();
  await done.promise;
  assert.is(log.take(), 'GreenletExit');
  assert.equal(requests, []);
});

test('greenlets that lived before the patch are followed from then on', async () => {
  monkey.unpatchAll();
  const gate = new Event();
  const greenlet = spawn(function* () {
    yield* gate.wait();
    yield* until(deep('/slow'));
  });
  await sleep(0);
  monkey.patchAll();
  gate.set();
  await came.wait();
  await greenlet.kill();
  await gone.wait();
});

test('promises that nobody waits for do not end the program', async () => {
  const source = (body: string) => `
    import { monkey, spawn, sleep, until } from '@switchyard/gevent';
    import { setTimeout as delay } from 'node:timers/promises';
    monkey.patchAll();
    const greenlet = spawn(function* () {
      const first = (async () => { await delay(60_000); })();
      const second = (async () => { await delay(60_000); })();
      const third = (async () => { try { await delay(60_000); } catch (cause) { throw new Error('wrapped', { cause }); } })();
      yield* until(first);
    });
    await sleep(1);
    await greenlet.kill();
    await sleep(1);
    ${body}
    console.log('lives');
  `;
  const quiet = await program(source(''));
  assert.is(quiet.stdout, 'lives\n');
  assert.is(quiet.stderr, '');
  assert.is(quiet.code, 0);
  const loud = await program(source('Promise.reject(new Error("boom")); await sleep(1);'));
  assert.is(loud.stdout, '');
  assert.match(loud.stderr, 'Error: boom');
  assert.is(loud.code, 1);
  const warned = await program(source('Promise.reject(new Error("boom")); await sleep(1);'), {
    node: ['--unhandled-rejections=warn'],
  });
  assert.is(warned.stdout, 'lives\n');
});

test('unpatchAll puts back exactly what was there', () => {
  monkey.unpatchAll();
  const descriptors = () =>
    [
      [globalThis, 'fetch'],
      [globalThis, 'setTimeout'],
      [globalThis, 'clearTimeout'],
      [timersModule, 'setTimeout'],
      [timersPromises, 'setTimeout'],
      [timersPromises, 'setInterval'],
      [timersPromises, 'setImmediate'],
      [timersPromises.scheduler, 'wait'],
      [http, 'request'],
      [http, 'get'],
    ].map(([target, key]) => Object.getOwnPropertyDescriptor(target as object, key as string));
  const before = descriptors();
  const named = [timersNamespace.setTimeout, timersNamespace.scheduler.wait];
  const listeners = process.listenerCount('unhandledRejection');
  monkey.patchAll();
  monkey.patchAll();
  assert.is.not(timersNamespace.setTimeout, named[0]);
  assert.is(fetch.name, 'fetch');
  assert.is(setTimeout.name, 'setTimeout');
  monkey.unpatchAll();
  monkey.unpatchAll();
  assert.equal(descriptors(), before);
  assert.equal([timersNamespace.setTimeout, timersNamespace.scheduler.wait], named);
  assert.is(process.listenerCount('unhandledRejection'), listeners);
});

test('what somebody else has replaced since is left to him', async () => {
  const ours = globalThis.fetch;
  const theirs: typeof fetch = (...args) => ours(...args);
  globalThis.fetch = theirs;
  monkey.unpatchAll();
  assert.is(globalThis.fetch, theirs);
  assert.is(await (await fetch(`${server.url}/theirs`)).text(), 'page /theirs');
  monkey.patchAll();
  monkey.unpatchAll();
  // Put back by hand what the first patch had replaced.
  globalThis.fetch = original;
});
const original = globalThis.fetch;

test('isPatched', () => {
  assert.ok(monkey.isPatched('fetch'));
  assert.ok(monkey.isPatched('node:timers/promises'));
  monkey.unpatchAll();
  assert.not(monkey.isPatched('http'));
  assert.match(thrownBy(() => monkey.isPatched('dns' as never)).message, 'Expected one of fetch, timers');
});

test('a cleared timer, and one that fires, are forgotten', async () => {
  const log = new Log();
  const greenlet = spawn(async () => {
    const cleared = new Promise((resolve) => {
      const timer = setTimeout(resolve, 5);
      clearTimeout(timer);
    });
    void cleared.then(
      () => log.add('fired'),
      () => log.add('rejected'),
    );
    await new Promise((resolve) => void setTimeout(resolve, 1));
    await new Event().wait();
  });
  await sleep(10);
  await greenlet.kill();
  await turn();
  assert.is(log.take(), '');
});

test('many fetches of one greenlet leave nothing behind', { timeout: 60_000 }, async () => {
  const { code, stdout, stderr } = await program(
    `
    import { createServer } from 'node:http';
    import { monkey, spawn, until } from '@switchyard/gevent';
    monkey.patchAll();
    const server = createServer((request, response) => response.end('page'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = 'http://127.0.0.1:' + server.address().port;
    let made = 0, alive = 0;
    const registry = new FinalizationRegistry(() => alive--);
    const { AbortController: Original } = globalThis;
    globalThis.AbortController = class extends Original { constructor() { super(); made++; alive++; registry.register(this); } };
    await spawn(function* () {
      for (let n = 0; n < 400; n++) {
        const response = yield* until(fetch(url));
        yield* until(response.text());
      }
      for (let n = 0; n < 100 && alive >= 100; n++) {
        gc();
        yield* until(new Promise((resolve) => setTimeout(resolve, 5)));
      }
      console.log(made >= 400, alive < 100 || alive);
    });
    server.closeAllConnections();
    server.close();
  `,
    { node: ['--expose-gc'] },
  );
  assert.is(stderr, '');
  assert.is(stdout, 'true true\n');
  assert.is(code, 0);
});

test.run();
