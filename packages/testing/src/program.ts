/** Runs a program in a child process, the way the running test file itself is run, and checks what it printed. */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import * as assert from 'uvu/assert';
import { expectedOutput, printedLines, type ExpectedOutput } from './expected-output.ts';

/** A test's deadline for one program. */
export const programTimeout = 30_000;

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export function runProgram(
  file: string,
  directory: string,
  programArguments: readonly string[] = [],
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    // execArgv carries the conditions and hooks that decide whether sources or packed files are run.
    const child = spawn(process.execPath, [...process.execArgv, file, ...programArguments], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: programTimeout - 1000,
      killSignal: 'SIGKILL',
    });
    const outcome: Outcome = { code: null, signal: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...outcome, code, signal }));
  });
}

/** Runs `file` and compares it with what `source` announces; with no announcement it only has to end well. */
export async function checkProgram(
  file: string,
  source: string,
  directory: string,
  name: string = basename(file),
): Promise<void> {
  checkOutcome(name, await runProgram(file, directory), expectedOutput(source));
}

/** Compares what a program did with what it announces; with no announcement it only has to end well. */
export function checkOutcome(name: string, outcome: Outcome, expected: ExpectedOutput | null): void {
  if (outcome.code !== (expected?.exitCode ?? 0)) {
    const how = outcome.signal === null ? `exit code ${outcome.code}` : outcome.signal;
    assert.unreachable(
      `${name} ended with ${how} instead of ${expected?.exitCode ?? 0}\n${outcome.stdout}${outcome.stderr}`,
    );
  }
  if (expected !== null) compareOutput(name, outcome, expected);
}

function compareOutput(name: string, outcome: Outcome, expected: ExpectedOutput): void {
  const order = (lines: string[]): string => (expected.anyOrder ? lines.toSorted() : lines).join('\n');
  try {
    assert.fixture(order(printedLines(outcome.stdout)), order(expected.lines));
  } catch (error) {
    (error as Error).message =
      `${name} did not print what it says (${expected.anyOrder ? 'any order' : 'exactly'}):`;
    if (outcome.stderr !== '') (error as Error).message += `\nit wrote on stderr:\n${outcome.stderr}`;
    throw error;
  }
}
