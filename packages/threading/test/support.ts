/** What the tests of threading share: workers, greenlets to kill, and programs in processes of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { GreenletExit } from '@switchyard/greenlet';
import type { Coroutine } from '@switchyard/hub';
import { hub, inStrand, interrupt, Strand } from '@switchyard/hub/core';
import { dehydrate } from '@switchyard/remote/core';
import type * as bodies from './worker-bodies.ts';

type Bodies = typeof bodies;

/** The last failure of a worker: who waits for its words to change would wait for ever. */
let failure: { error: unknown } | null = null;

/** A worker that runs one of worker-bodies.ts. */
export class Running<T = unknown> {
  readonly worker: Worker;
  /** What the body returns; rejected when the worker fails or ends without. */
  readonly result: Promise<T>;
  /** The exit code, once it has ended in whatever way. */
  readonly exited: Promise<number>;

  constructor(name: string, args: unknown[]) {
    const { value, modules } = dehydrate(args);
    this.worker = new Worker(new URL('worker.mjs', import.meta.url), {
      workerData: { name, args: value, modules: modules ?? [] },
    });
    this.exited = new Promise((resolve) => this.worker.once('exit', resolve));
    this.result = new Promise((resolve, reject) => {
      this.worker.once('message', ({ result }: { result: T }) => resolve(result));
      this.worker.once('error', reject);
      this.worker.once('exit', (code) =>
        reject(new Error(`the worker ended with ${code} and without a result`)),
      );
    });
    this.result.catch((error: unknown) => (failure = { error }));
  }
}

/** Starts a worker that runs one of worker-bodies.ts. */
export function inWorker<N extends keyof Bodies>(
  name: N,
  ...args: Parameters<Bodies[N]>
): Running<Awaited<ReturnType<Bodies[N]>>> {
  return new Running(name, args);
}

/** Words of shared memory, all 0. */
export function sharedInts(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}

/** Waits until a word of shared memory is not `value` any more. */
export async function changed(words: Int32Array, index: number, value: number): Promise<number> {
  failure = null;
  while (Atomics.load(words, index) === value) {
    if (failure !== null) throw (failure as { error: unknown }).error;
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return Atomics.load(words, index);
}

/** Runs a body in a greenlet of its own and waits for its outcome, as the async code around it. */
export function go<T>(body: () => Coroutine<T>): Promise<T> {
  return inStrand('go', body);
}

/** A greenlet that has been started, and its outcome once it has ended. */
export class Started<T = unknown> {
  readonly greenlet: Strand<T>;
  ended = false;
  failed = false;
  outcome: unknown = undefined;
  readonly done: Promise<void>;

  constructor(body: () => Coroutine<T> | T) {
    let finish!: () => void;
    this.done = new Promise((resolve) => (finish = resolve));
    this.greenlet = new Strand<T>('started', body, (failed, outcome) => {
      this.ended = true;
      this.failed = failed;
      this.outcome = outcome;
      finish();
    });
  }

  /** Has an error thrown into it, in its turn. */
  kill(error: unknown = new GreenletExit()): void {
    hub.schedule({ turn: () => interrupt(this.greenlet as unknown as Strand<unknown>, error) });
  }
}

/** Starts a greenlet; it runs in its turn. */
export function start<T>(body: () => Coroutine<T> | T): Started<T> {
  return new Started<T>(body);
}

/** Lets the event loop turn: everything runnable has then had its turn. */
export async function turn(): Promise<void> {
  do await new Promise<void>((resolve) => void setImmediate(resolve));
  while (hub.runnable);
}

/** What is thrown, by plain or async code. */
export async function thrownBy(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an ES module, given as its source, in a process of its own, the way that this one is run. */
export async function program(source: string): Promise<Outcome> {
  const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
