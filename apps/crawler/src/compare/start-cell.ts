import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DISTURBED, listen, pidsOfTree } from '@switchyard/measure';
import { now } from '../page/trace.ts';
import type { CellFindings, CellMessage } from './cell.ts';
import { Sampler } from './sampler.ts';
import type { Run, Setting, Timeline } from './result.ts';

/** A run could not be made. The message says why. */
export class CellError extends Error {
  override readonly name = 'CellError';
}

/** A run as it was made, and what it looked like. */
export interface Measured {
  readonly run: Omit<Run, 'order' | 'serverPeak'>;
  readonly timeline: Timeline;
  /** From the order for a process to its end, in milliseconds. */
  readonly took: number;
  readonly trouble: string | undefined;
}

export interface StartOptions {
  /** Ends the run, and all that it has started. */
  readonly signal: AbortSignal;
  /** Milliseconds after which it is given up. */
  readonly deadline: number;
}

/** What every process of a run is told. It can be cloned. */
export interface Order {
  readonly setting: Setting;
  /** When the process was asked for, in milliseconds since 1970. */
  readonly spawned: number;
}

/**
 * Makes one run in a process of its own.
 *
 * @param program the module that the process runs
 * @throws CellError when its process fails, dies or does not end in time
 */
export async function startCell<O extends Order>(
  program: URL,
  order: Omit<O, 'spawned'>,
  options: StartOptions,
): Promise<Measured> {
  const heard = listen();
  const spawned = now();
  const child = fork(fileURLToPath(program), [order.setting.id], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: environment(),
    execArgv: process.execArgv.filter((argument) => !/^--(?:inspect|cpu-prof|heap-prof|prof)/.test(argument)),
  });
  const { findings, sampler } = await follow(child, { ...order, spawned }, options);
  const foreign = heard() ?? null;
  const seen = sampler?.peak(findings.began + findings.run.wall);
  const { memory } = findings.run;
  return {
    run: {
      ...findings.run,
      memory: seen !== undefined && seen.kind === memory.kind && seen.bytes > memory.bytes ? seen : memory,
      foreign,
      dirty: foreign !== null && foreign > DISTURBED,
    },
    timeline: timelineOf(findings, sampler),
    took: now() - spawned,
    trouble: findings.trouble,
  };
}

/** What the caller has set for his own Node must not reach the cells. Libraries are measured as in production. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...rest } = process.env;
  return { ...rest, NODE_ENV: 'production' };
}

interface Followed {
  readonly findings: CellFindings;
  readonly sampler: Sampler | undefined;
}

function follow(child: ChildProcess, order: Order, { signal, deadline }: StartOptions): Promise<Followed> {
  return new Promise((resolve, reject) => {
    let findings: CellFindings | undefined;
    let sampler: Sampler | undefined;
    let reason: string | undefined;
    let complaints = '';
    const end = (why: string): void => {
      reason ??= why;
      killTree(child);
    };
    const stop = (): void => end('stopped before it was done');
    const timer = setTimeout(() => end(`not done within ${Math.round(deadline / 1000)} s`), deadline);
    signal.addEventListener('abort', stop, { once: true });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = `${complaints}${text}`.slice(-2_000);
    });
    child.on('message', (message: CellMessage) => {
      if (message.type === 'began') sampler = new Sampler(child.pid ?? 0);
      else if (message.type === 'failed') reason = message.error;
      else {
        findings = message.findings;
        sampler?.stop();
      }
    });
    child.on('error', (error) => {
      reason ??= error.message;
      if (child.pid === undefined) finish(null, null);
    });
    child.once('close', (code, killedBy) => finish(code, killedBy));

    function finish(code: number | null, killedBy: NodeJS.Signals | null): void {
      clearTimeout(timer);
      sampler?.stop();
      signal.removeEventListener('abort', stop);
      if (findings !== undefined && reason === undefined && code === 0) resolve({ findings, sampler });
      else {
        const how =
          killedBy === null
            ? `its process ended with exit code ${code}`
            : `its process was ended by ${killedBy}`;
        reject(new CellError(`${reason ?? how}${complaints === '' ? '' : `: ${lastOf(complaints)}`}`));
      }
    }
    if (signal.aborted) stop();
    else child.send(order, (error) => error !== null && (reason ??= error.message));
  });
}

/** The lines that say what happened: a stack and what Node adds to it say it at such length. */
function lastOf(complaints: string): string {
  const lines = complaints
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v/.test(line));
  return lines.slice(-4).join(' ').trim();
}

/** A process and all that it has started. Those end by themselves when they lose it, a moment later. */
function killTree(child: ChildProcess): void {
  const [, ...below] = pidsOfTree(child.pid ?? 0);
  child.kill('SIGKILL');
  for (const pid of below) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended meanwhile
    }
  }
}

function timelineOf(findings: CellFindings, sampler: Sampler | undefined): Timeline {
  const { began, run, workers, samples } = findings;
  return {
    until: run.wall,
    workers,
    samples: samples.map((sample) => ({
      ...sample,
      cores: sampler?.coresAt(began + sample.at) ?? null,
      memory: sampler?.memoryAt(began + sample.at) ?? run.memory.bytes,
    })),
  };
}
