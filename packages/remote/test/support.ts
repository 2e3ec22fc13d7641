import { type Exit, Call, Peer, type RuntimeOptions, startProcess, startThread } from '../src/core.ts';

/** What runs tasks: the same tests hold for both. */
export const kinds = { thread: startThread, process: startProcess };
export type Kind = keyof typeof kinds;

/** A call that was lost with its worker. */
export class Lost extends Error {
  readonly exit: Exit;
  readonly begun: boolean;

  constructor(exit: Exit, begun: boolean) {
    const how = exit.signal ?? `code ${exit.code}`;
    super(`lost by ${how}${begun ? '' : ', not begun'}`, { cause: exit.error });
    this.exit = exit;
    this.begun = begun;
  }
}

export class TestCall extends Call implements PromiseLike<unknown> {
  readonly events: unknown[] = [];
  readonly begins: Promise<void>;
  /** How often it was told of its end. */
  ends = 0;
  private readonly outcome: Promise<unknown>;
  private readonly listeners: ((event: unknown) => void)[] = [];
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;
  private began!: () => void;

  constructor(target: object, args: readonly unknown[], flags = 0, label?: string) {
    super(target, args, flags, label);
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.outcome.catch(() => {});
    this.begins = new Promise((resolve) => {
      this.began = resolve;
    });
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.ends++;
    if (failed) this.reject(outcome);
    else this.resolve(outcome);
  }

  override lost(exit: Exit, begun: boolean): void {
    this.ends++;
    this.reject(new Lost(exit, begun));
  }

  override started(): void {
    this.began();
  }

  override event(event: unknown): void {
    this.events.push(event);
    for (const listener of this.listeners.splice(0)) listener(event);
  }

  /** The next event. */
  news(): Promise<unknown> {
    return new Promise((resolve) => this.listeners.push(resolve));
  }

  then: PromiseLike<unknown>['then'] = (fulfilled, rejected) => this.outcome.then(fulfilled, rejected);
}

type Task = (...args: never[]) => unknown;

/** A worker for tests, to be ended by `end`. */
export class Host {
  readonly peer: Peer;
  readonly exited: Promise<Exit>;

  constructor(kind: Kind, options?: RuntimeOptions) {
    let told!: (exit: Exit) => void;
    this.exited = new Promise((resolve) => {
      told = resolve;
    });
    this.peer = new Peer((events) => kinds[kind](events, options), { exited: (_peer, exit) => told(exit) });
  }

  push(call: TestCall): TestCall {
    this.peer.push(call);
    return call;
  }

  run(target: Task, ...args: unknown[]): TestCall {
    return this.push(new TestCall(target, args));
  }

  async end(): Promise<void> {
    if (this.peer.gone === null) this.peer.runtime.kill();
    await this.exited;
  }
}

const ofTheTest: Host[] = [];

/** A worker for one test: `endFresh` ends it. */
export function fresh(kind: Kind, options?: RuntimeOptions): Host {
  const host = new Host(kind, options);
  ofTheTest.push(host);
  return host;
}

/** To be called after each test. */
export async function endFresh(): Promise<void> {
  await Promise.all(ofTheTest.splice(0).map((host) => host.end()));
}

/** What a promise was rejected with. */
export async function failure(promise: PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error(`It did not fail: ${String(value)}`);
}
