/** What the tests of the hub share: greenlets to run, and programs in processes of their own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GreenletExit } from '@switchyard/greenlet';
import type { Coroutine } from '@switchyard/hub';
import { hub, inStrand, interrupt, ScheduledGreenlet, Strand } from '@switchyard/hub/core';

/** Runs a body in a greenlet of its own and waits for its outcome, as the async code around it. */
export function go<T>(body: () => Coroutine<T>): Promise<T> {
  return inStrand('go', body);
}

/** A greenlet that has been started, and its outcome once it has ended. */
export class Started<T = unknown> {
  readonly greenlet!: Strand<T>;
  ended = false;
  failed = false;
  outcome: unknown = undefined;
  readonly done: Promise<void>;

  constructor(name: string, body: () => Coroutine<T> | T) {
    this.done = new Promise((resolve) => {
      (this as { greenlet: Strand<T> }).greenlet = new Strand<T>(name, body, (failed, outcome) => {
        this.ended = true;
        this.failed = failed;
        this.outcome = outcome;
        resolve();
      });
    });
  }

  /** Has an error thrown into it, in its turn. */
  kill(error: unknown = new GreenletExit()): void {
    hub.schedule({ turn: () => interrupt(this.greenlet as unknown as Strand<unknown>, error) });
  }
}

/** Starts a greenlet; it runs in its turn. */
export function start<T>(name: string, body: () => Coroutine<T> | T): Started<T> {
  return new Started<T>(name, body);
}

/** A greenlet that reports its error when nobody else can know of it. */
export class Reporting extends ScheduledGreenlet {
  constructor(name: string, body: () => unknown) {
    super(body);
    this.name = name;
    this.enlist();
    hub.schedule(this as unknown as ScheduledGreenlet);
  }

  override finished(failed: boolean, outcome: unknown): void {
    if (failed) hub.reports.report(outcome, this as unknown as ScheduledGreenlet);
  }
}

/** Lets the event loop turn, once on a machine with time: everything runnable has then had its turn. */
export async function turn(): Promise<void> {
  do await new Promise<void>((resolve) => void setImmediate(resolve));
  while (hub.runnable);
}

/** What is thrown, by plain or async code. */
export async function thrownBy(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an ES module, given as its source, in a process of its own, the way that this one is run. */
export function program(source: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', source], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}
