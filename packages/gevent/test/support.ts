/** What the tests of gevent share. */
import { spawn as start } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Coroutine } from '@switchyard/hub';
import { withVirtualTime } from '@switchyard/hub';
import type { Greenlet } from '../src/greenlet.ts';

/** A body that runs on a clock that does not wait: its sleeps and timeouts take no real time. */
export function timed(body: () => Coroutine<void>): () => Promise<void> {
  return () => withVirtualTime(body);
}

/** What happened, in order. */
export class Log {
  readonly lines: string[] = [];

  /** Notes a line. */
  add(...words: unknown[]): void {
    this.lines.push(words.map(String).join(' '));
  }

  /** The lines so far, in one; the log is empty afterwards. */
  take(): string {
    return this.lines.splice(0).join(', ');
  }
}

/** What waiting for something throws. */
export function* thrownIn(
  wait: Iterable<unknown> | (() => Generator<any, unknown, any>),
): Coroutine<unknown> {
  try {
    yield* (typeof wait === 'function' ? wait() : wait) as Coroutine<unknown>;
  } catch (error) {
    return error;
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
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise was fulfilled');
}

/** A greenlet's state as five words. */
export function flags(greenlet: Greenlet<any>): string {
  return [greenlet.started, greenlet.dead, greenlet.ready(), greenlet.successful()]
    .map((flag) => (flag ? 'T' : 'F'))
    .join('');
}

/** Lets the event loop turn: timers, sockets and everything runnable have had their chance. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an ES module, given as its source, in a process of its own, the way that this one is run. */
export function program(
  source: string,
  { env = {}, node = [] }: { env?: NodeJS.ProcessEnv; node?: string[] } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = start(
      process.execPath,
      [...node, ...process.execArgv, '--input-type=module', '--eval', source],
      {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, NO_COLOR: '1', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
    );
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}
