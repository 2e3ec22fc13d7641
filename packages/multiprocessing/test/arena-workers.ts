/** Other processes and threads for the tests of shared memory. */
import { Call, type Exit, Peer, startProcess, startThread } from '@switchyard/remote/core';

type Task<A extends unknown[], R> = (...args: A) => R;
type Result<R> = R extends Generator<unknown, infer T, never> ? T : Awaited<R>;

class Running extends Call {
  readonly outcome: Promise<unknown>;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(target: object, args: readonly unknown[]) {
    super(target, args, 0);
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.outcome.catch(() => {});
  }

  override settled(failed: boolean, outcome: unknown): void {
    if (failed) this.reject(outcome);
    else this.resolve(outcome);
  }

  override lost(exit: Exit): void {
    this.reject(new Error(`lost by ${exit.signal ?? `code ${exit.code}`}`, { cause: exit.error }));
  }
}

const running = new Set<Worker>();

/** Another process or thread, which runs what it is given one after the other. */
export class Worker {
  readonly exited: Promise<Exit>;
  private readonly peer: Peer;

  constructor(kind: 'process' | 'thread') {
    let told!: (exit: Exit) => void;
    this.exited = new Promise((resolve) => (told = resolve));
    const start = kind === 'process' ? startProcess : startThread;
    this.peer = new Peer((events) => start(events), { exited: (_peer, exit) => told(exit) });
    running.add(this);
  }

  get pid(): number {
    return this.peer.runtime.id;
  }

  run<A extends unknown[], R>(target: Task<A, R>, ...args: A): Promise<Result<R>> {
    const call = new Running(target, args);
    this.peer.push(call);
    return call.outcome as Promise<Result<R>>;
  }

  /** Lets it end by itself. */
  async stop(): Promise<void> {
    running.delete(this);
    this.peer.stop();
    await this.exited;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    running.delete(this);
    if (this.peer.gone === null) this.peer.runtime.kill();
    await this.exited;
  }
}

/** To be called after each test. */
export async function endWorkers(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.kill()));
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error(`It did not fail: ${String(value)}`);
}
