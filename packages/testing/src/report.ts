/**
 * What the process of a test file tells the runner, one JSON line each on a pipe of its own (file descriptor 3).
 * The writes are synchronous, so that the last words of a dying process still arrive.
 */
import { writeSync } from 'node:fs';

export const reportDescriptor = 3;

export interface Failure {
  message: string;
  /** A diff, or the tree of parked greenlets: printed indented under the message. */
  details?: string;
  stack?: string;
}

export type Report =
  | { type: 'start'; name: string; timeout: number }
  | { type: 'pass'; name: string; ms: number }
  | { type: 'skip'; name: string; reason: string }
  | { type: 'fail'; name: string; failure: Failure }
  /** Something that is wrong with the file rather than with one test, or that came after a test had ended. */
  | { type: 'file'; failure: Failure }
  | { type: 'end'; tests: number };

/** True in a process that the runner started; a test file may also be run by hand. */
let connected = false;

export function connectToRunner(): void {
  connected = true;
}

export function send(report: Report): void {
  if (connected) {
    writeFully(JSON.stringify(report) + '\n');
    return;
  }
  if (report.type !== 'fail' && report.type !== 'file') return;
  process.exitCode = 1;
  const where = report.type === 'fail' ? report.name + ': ' : '';
  console.error(`${where}${report.failure.message}\n${report.failure.details ?? ''}`);
}

function writeFully(line: string): void {
  let rest = Buffer.from(line);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(reportDescriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
