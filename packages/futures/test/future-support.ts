/** What the tests of futures and executors share. */
import { spawn as start } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Coroutine, getHub, withVirtualTime } from '@switchyard/hub';
import { suite } from '@switchyard/testing';
import type { Executor } from '../src/executor.ts';
import type { Future } from '../src/future.ts';

/** A suite whose tests start threads or processes: on a busy machine that takes its time. */
export function threadSuite(title: string): {
  (name: string, body: () => Promise<void>): void;
  after(body: () => Promise<void>): void;
  run(): void;
} {
  const test = suite(title);
  return Object.assign((name: string, body: () => Promise<void>) => test(name, { timeout: 60_000 }, body), {
    after: (body: () => Promise<void>) => test.after(body),
    run: () => test.run(),
  });
}

/** A body that runs on a clock that does not wait: its sleeps and timeouts take no real time. */
export function timed(body: () => Coroutine<void>): () => Promise<void> {
  return () => withVirtualTime(body);
}

/** What waiting for something throws. */
export function* thrownIn(wait: Iterable<unknown> | (() => Coroutine<unknown>)): Coroutine<Error> {
  try {
    yield* (typeof wait === 'function' ? wait() : wait) as Coroutine<unknown>;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** What plain code throws. */
export function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** What a promise is rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the promise was fulfilled');
}

/** Lets the event loop turn: timers, sockets and everything runnable have had their chance. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Runs a body and gives the messages of what was reported to the hub's hook meanwhile. */
export function* reported(body: () => Coroutine<void>): Coroutine<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const told: string[] = [];
  hub.onError = (error) => told.push((error as Error).message);
  try {
    yield* body();
  } finally {
    hub.onError = before;
  }
  return told;
}

export interface ProgramOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an ES module, given as its source, in a process of its own, the way that this one is run. */
export function program(source: string, node: string[] = []): Promise<ProgramOutcome> {
  return new Promise((resolve, reject) => {
    const child = start(
      process.execPath,
      [...node, ...process.execArgv, '--input-type=module', '--eval', source],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
    );
    const outcome: ProgramOutcome = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}

/** Words of shared memory, all 0. */
export function sharedWords(count = 8): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

/** Waits until a word of shared memory is so much at least; tasks tell when they change one. */
export async function reaches(words: Int32Array, at: number, value: number): Promise<void> {
  // Tests of Node 20 have its types, which do not know it.
  const { waitAsync } = Atomics as unknown as {
    waitAsync(words: Int32Array, at: number, value: number): { value: Promise<string> | string };
  };
  // That alone does not keep the process alive, nor does a thread that has nothing to do.
  const alive = setInterval(() => {}, 60_000);
  try {
    for (let now = Atomics.load(words, at); now < value; now = Atomics.load(words, at)) {
      await waitAsync(words, at, now).value;
    }
  } finally {
    clearInterval(alive);
  }
}

/** Waits for something that the event loop brings. */
export async function happens(what: () => boolean): Promise<void> {
  while (!what()) await turn();
}

/** Waits for something that another process does, and leaves it the time. */
export async function comesAbout(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => void setTimeout(resolve, 5));
}

/** Lets all go that wait for a word of shared memory when a block ends, as one that fails does not come to it. */
export function opensAtEnd(words: Int32Array, at: number): Disposable {
  return { [Symbol.dispose]: () => open(words, at) };
}

/** Lets all go that wait for a word of shared memory. */
export function open(words: Int32Array, at: number): void {
  Atomics.store(words, at, 1);
  Atomics.notify(words, at);
}

let folder: string | null = null;
let gates = 0;

/** A file that tasks in other processes wait for: it is there when it has been opened, at the end of a block at the latest. */
export class Gate implements Disposable {
  readonly path: string;

  constructor() {
    if (folder === null) {
      folder = mkdtempSync(join(tmpdir(), 'gates-'));
      process.once('exit', () => rmSync(folder as string, { recursive: true, force: true }));
    }
    this.path = join(folder, `${++gates}`);
  }

  open(): void {
    writeFileSync(this.path, '');
  }

  [Symbol.dispose](): void {
    this.open();
  }
}

/** Submits a task that emits events; gives them, and a wait for the first. */
export function watched<A extends unknown[], R>(
  pool: Executor,
  options: { timeout?: number; grace?: number; signal?: AbortSignal },
  target: (...args: A) => R,
  ...args: A
): { future: Future; events: unknown[]; begun: Promise<void> } {
  const events: unknown[] = [];
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const onProgress = (event: unknown): void => {
    events.push(event);
    begin();
  };
  const future = pool.submitWith({ ...options, onProgress }, target, ...args) as Future;
  return { future, events, begun };
}

/** Whether there is such a process, and it has not ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended, and that nobody has asked for yet, is still there by name.
  const state = `/proc/${pid}/stat`;
  try {
    return !existsSync(state) || !/\) Z /.test(readFileSync(state, 'latin1'));
  } catch {
    return false;
  }
}
