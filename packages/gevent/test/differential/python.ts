/** Python's gevent, as a process that plays scenarios. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Scenario, Trace } from './scenario.ts';

const script = fileURLToPath(new URL('./player.py', import.meta.url));

/** The first Python that has gevent, or why there is none. */
export async function findPython(): Promise<{ path: string } | { missing: string }> {
  const reasons: string[] = [];
  for (const path of ['/usr/bin/python3', 'python3']) {
    try {
      await promisify(execFile)(path, ['-c', 'import gevent'], { timeout: 60_000 });
      return { path };
    } catch (error) {
      const { message, stderr = '' } = error as Error & { stderr?: string };
      // That one is missing is no failure; that it does not work is.
      if (!/ENOENT|No module named/.test(message + stderr)) throw error;
      reasons.push(`${path}: ${stderr.trim().split('\n').at(-1) || message}`);
    }
  }
  return { missing: `Python's gevent is not there (${reasons.join('; ')}): install python3-gevent` };
}

/** Plays scenarios in Python, one after the other. */
export class PythonPlayer implements Disposable {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly asked: { resolve(trace: Trace): void; reject(error: Error): void }[] = [];
  private said = '';
  private ended: Error | null = null;

  constructor(path: string) {
    this.child = spawn(path, [script]);
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    this.child.once('error', (error) => this.fail(error));
    this.child.once('close', (code) => this.fail(new Error(`player.py ended with ${code}: ${this.said}`)));
    this.child.stdin.on('error', (error) => this.fail(error));
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.asked.shift()?.resolve(JSON.parse(line) as Trace);
    });
  }

  /** @returns what happened, in order */
  play(scenario: Scenario): Promise<Trace> {
    return new Promise((resolve, reject) => {
      if (this.ended !== null) reject(this.ended);
      this.asked.push({ resolve, reject });
      this.child.stdin.write(`${JSON.stringify(scenario)}\n`);
    });
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.asked.splice(0)) reject(error);
  }
}
