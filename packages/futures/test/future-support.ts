/** What the tests of futures and executors share. */
import { spawn as start } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Coroutine, getHub, withVirtualTime } from '@switchyard/hub';

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
