/** Runs one test file in a process of its own, and gathers what it reports. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';
import { killGroup, leftProcesses } from './process-group.ts';
import { reportDescriptor, type Failure, type Report } from './report.ts';
import { hubUse, packageOf, repoRoot, type HubUse } from './workspace.ts';

export interface FileResult {
  file: string;
  passed: number;
  ms: number;
  failures: { name: string | null; failure: Failure }[];
  skips: { name: string; reason: string }[];
  /** What the file printed, both streams as they came. */
  output: string;
  ran: boolean;
}

export interface RunOptions {
  /** Only tests whose name contains this. */
  name: string;
  /** Arguments for node: the conditions and hooks that decide what is tested. */
  nodeArguments: readonly string[];
}

const maxOutput = 1_000_000;
/** Beyond a test's own deadline: only a blocked event loop cannot keep it. */
const blockedMs = 5000;
const loadMs = 60_000;

const running = new Set<ChildProcess>();

export function killAll(): void {
  for (const child of running) killGroup(child.pid);
}

export async function runFile(file: string, options: RunOptions): Promise<FileResult> {
  const result: FileResult = { file, passed: 0, ms: 0, failures: [], skips: [], output: '', ran: false };
  const started = performance.now();
  const home = packageOf(file);
  const child = spawn(
    process.execPath,
    [...options.nodeArguments, fileURLToPath(new URL(childName(), import.meta.url)), file, options.name],
    {
      cwd: home?.directory ?? repoRoot,
      // A group of its own, so that whatever it starts can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: environment(home === null ? 'yes' : hubUse(home.name)),
    },
  );
  running.add(child);
  const collect = (chunk: Buffer): void => {
    if (result.output.length < maxOutput) result.output += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);

  let test: string | null = null;
  let ended = false;
  let killed: Failure | null = null;
  let watchdog: NodeJS.Timeout | undefined;
  const watch = (ms: number, what: string): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      killed = { message: `${what} within ${ms} ms and blocks the event loop: the process was killed` };
      killGroup(child.pid);
    }, ms);
  };
  watch(loadMs, 'the file was not loaded');

  function take(report: Report): void {
    switch (report.type) {
      case 'start':
        test = report.name;
        watch(report.timeout + blockedMs, 'did not end');
        return;
      case 'pass':
        result.passed++;
        break;
      case 'skip':
        result.skips.push({ name: report.name, reason: report.reason });
        break;
      case 'fail':
        result.failures.push({ name: report.name, failure: report.failure });
        break;
      case 'file':
        result.failures.push({ name: null, failure: report.failure });
        return;
      case 'end':
        ended = true;
        result.ran = report.tests > 0;
        break;
    }
    test = null;
    watch(loadMs, 'the rest of the file did not end');
  }

  const reports = readLines(child.stdio[reportDescriptor] as Readable, (line) =>
    take(JSON.parse(line) as Report),
  );
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('error', (error) => {
      result.failures.push({ name: null, failure: { message: `could not be started: ${error.message}` } });
      resolve([1, null]);
    });
    child.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
  });
  clearTimeout(watchdog);
  const left = killed === null ? await leftProcesses(child.pid) : [];
  if (left.length > 0) {
    const failure = { message: 'left processes running, which were killed:', details: left.join('\n') };
    result.failures.push({ name: null, failure });
  }
  killGroup(child.pid);
  running.delete(child);
  await reports;

  if (killed !== null) result.failures.push({ name: test, failure: killed });
  else if (!ended && result.failures.length === 0) {
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    result.failures.push({
      name: test,
      failure: { message: `the process ended ${how} before the tests did` },
    });
  }
  result.ms = performance.now() - started;
  return result;
}

/** This file runs from sources and from the build. */
function childName(): string {
  return import.meta.url.endsWith('.ts') ? './child.ts' : './child.js';
}

function environment(hub: HubUse): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', SWITCHYARD_TEST_HUB: hub };
  delete env['FORCE_COLOR'];
  return env;
}

function readLines(stream: Readable, take: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    stream.once('close', resolve);
  });
}
