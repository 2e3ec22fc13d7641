import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// What USER_HZ is on every Linux: the unit of the times in /proc/PID/stat.
const TICK = 10_000_000;

/** Where those that have ended, and were waited for, are found among the fields behind the name: cutime and cstime. */
const USER_OF_ENDED = 13;
const SYSTEM_OF_ENDED = 14;

const read = (path: string): string => readFileSync(`/proc/${path}`, 'latin1');

function ofEnded(pid: number): number {
  const stat = read(`${pid}/stat`);
  // The name is in parentheses, and may have any character in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_OF_ENDED]) + Number(fields[SYSTEM_OF_ENDED])) * TICK;
}

function readPart<T>(part: () => T, gone: T): T {
  try {
    return part();
  } catch (error) {
    // It ended while it was looked at.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return gone;
    throw error;
  }
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`);
}

function childrenOf(pid: number): number[] {
  const text = threadsOf(pid).map((thread) => readPart(() => read(`${thread}/children`), ''));
  return text.join(' ').split(' ').filter(Boolean).map(Number);
}

/** Nanoseconds that the threads of a process have run: schedstat has them exactly, where stat has them in ticks of 10 ms. */
function ofThreads(pid: number): number {
  return threadsOf(pid).reduce(
    (sum, thread) => sum + readPart(() => Number(read(`${thread}/schedstat`).split(' ')[0]), 0),
    0,
  );
}

function ofChildren(pid: number): number {
  return childrenOf(pid).reduce(
    (sum, child) => sum + readPart(() => ofThreads(child) + ofChildren(child), 0),
    ofEnded(pid),
  );
}

/**
 * CPU time in nanoseconds, user and system, of all that this process has started: its children and theirs, those that run and
 * those that have ended. @throws Error on other systems than Linux, which do not say
 */
export function cpuOfChildren(): number {
  if (process.platform !== 'linux')
    throw new Error(`the CPU time of child processes is read from /proc, which ${process.platform} has not`);
  return ofChildren(process.pid);
}

/**
 * Waits until all children have ended, for two seconds at the most. What they have used is only known to be ours, and not taken
 * for that of others, when this process sees their end.
 */
export async function childrenEnded(): Promise<void> {
  for (const end = performance.now() + 2_000; childrenOf(process.pid).length > 0; await sleep(10))
    if (performance.now() > end) return;
}
