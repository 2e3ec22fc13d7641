/** What the tests share: processes that do what they are told, one thing after the other. */
import { Call, type Exit, type Peer } from '@switchyard/remote/core';
import { heard } from '../src/connect.ts';
import { sendSignal, startChild } from '../src/start-child.ts';
import { act, give, keep, look } from './told-tasks.ts';

class Step extends Call {
  readonly outcome: Promise<unknown>;
  private resolve!: (value: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(target: object, args: readonly unknown[]) {
    super(target, args, 0);
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  override settled(failed: boolean, outcome: unknown): void {
    if (failed) this.reject(outcome);
    else this.resolve(outcome);
  }

  override lost(exit: Exit): void {
    this.reject(new Error(`the process has ended: ${exit.code ?? exit.signal}`));
  }
}

const helpers: Helper[] = [];

/** A process. */
export class Helper {
  readonly peer: Peer;
  readonly exited: Promise<Exit>;

  constructor() {
    let exited!: (exit: Exit) => void;
    this.exited = new Promise((resolve) => (exited = resolve));
    this.peer = startChild({ exited: (_peer, exit) => exited(exit) }, { daemon: true });
    helpers.push(this);
  }

  /** Runs a task there. */
  run(target: object, ...args: unknown[]): Promise<unknown> {
    const step = new Step(target, args);
    this.peer.push(step);
    return step.outcome;
  }

  /** Gives it objects, by name. */
  keep(objects: Record<string, unknown>): Promise<unknown> {
    return this.run(keep, objects);
  }

  /** Has it call a method of an object that it was given. */
  act(name: string, method: string, ...args: unknown[]): Promise<unknown> {
    return this.run(act, name, method, ...args);
  }

  look(name: string, property: string): Promise<unknown> {
    return this.run(look, name, property);
  }

  /** Has it send an object that it was given. */
  give(name: string): Promise<unknown> {
    return this.run(give, name);
  }

  /** Ends it by force, and waits until it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    sendSignal(this.peer, signal);
    return this.exited;
  }
}

/** Has processes ready, so that none is waited for in a test, nor seems to be left behind by it. */
export function startHelpers(count: number): Helper[] {
  return Array.from({ length: count }, () => new Helper());
}

/** Ends all processes of a file. */
export async function endHelpers(): Promise<void> {
  await Promise.all(helpers.splice(0).map((helper) => helper.kill()));
}

/** Waits until something is so that another process has done. */
export async function until(isSo: () => unknown): Promise<void> {
  const end = performance.now() + 8000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it never came so: ${isSo}`);
    await heard();
  }
}

/** The name of the error that is thrown; 'nothing' if there is none. */
export async function thrown(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return (error as Error).name;
  }
  return 'nothing';
}
