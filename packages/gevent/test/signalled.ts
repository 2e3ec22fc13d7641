/** Programs that get signals, in processes of their own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './support.ts';

/** The program has printed this: it gets the signal. */
export type Step = readonly [printed: string, signal: NodeJS.Signals];

/** Runs an ES module, given as its source, and sends it a signal each time that it has printed what a step says. */
export function signalled(source: string, ...steps: Step[]): Promise<Outcome & { ms: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', source], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    const outcome = { code: null as number | null, stdout: '', stderr: '', ms: 0 };
    const left = [...steps];
    let since = performance.now();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      outcome.stdout += text;
      while (left.length > 0 && outcome.stdout.includes(left[0]![0])) {
        since = performance.now();
        child.kill(left.shift()![1]);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    // Milliseconds from the last signal to the end.
    child.once('close', (code) => resolve({ ...outcome, code, ms: performance.now() - since }));
  });
}
