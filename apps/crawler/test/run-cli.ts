import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { PageRecord } from '../src/core/record.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `switchyard` command that runs. */
export class Cli {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  #ended = false;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], stdio: 'pipe' | 'ignore' = 'pipe') {
    // The same loader and conditions as this test itself.
    this.child = spawn(process.execPath, [...process.execArgv, MAIN, ...args], {
      stdio: ['ignore', stdio, 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#closed = once(this.child, 'close').then(() => {
      this.#ended = true;
    });
  }

  async result(): Promise<CliResult> {
    await this.#closed;
    return {
      code: this.child.exitCode,
      signal: this.child.signalCode,
      stdout: this.stdout,
      stderr: this.stderr,
    };
  }

  /** Waits until a stream has said something that matches. */
  async says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this[stream]);
      if (found !== null) return found[1] ?? found[0];
      const source = this.child[stream];
      if (source === null) throw new Error(`${stream} is not a pipe`);
      if (this.#ended)
        throw new Error(`the command ended without saying ${String(pattern)}: ${this[stream]}`);
      await Promise.race([once(source, 'data'), this.#closed]);
    }
  }
}

export async function cli(...args: string[]): Promise<CliResult> {
  return new Cli(args).result();
}

export function recordsOf(jsonl: string): PageRecord[] {
  return jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PageRecord);
}

/** Whether something listens at the host and port of `url`. */
export async function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Waits until nothing listens there any more. */
export async function gone(url: string): Promise<void> {
  while (await listens(url)) await new Promise((resolve) => setTimeout(resolve, 20));
}
