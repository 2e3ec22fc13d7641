import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// What USER_HZ is on every Linux: the unit of the times in /proc/PID/stat.
const TICK = 10_000_000;

/** Where the times are found among the fields behind the name: its own, and those of children that were waited for. */
const USER = 11;
const SYSTEM = 12;
const USER_OF_ENDED = 13;
const SYSTEM_OF_ENDED = 14;

const read = (path: string): string => readFileSync(`/proc/${path}`, 'latin1');

function statOf(pid: number): number[] {
  const stat = read(`${pid}/stat`);
  // The name is in parentheses, and may have any character in it.
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

const field = (fields: readonly number[], index: number): number => fields[index] ?? 0;

function ofEnded(pid: number): number {
  const fields = statOf(pid);
  return (field(fields, USER_OF_ENDED) + field(fields, SYSTEM_OF_ENDED)) * TICK;
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

/** A process and all below it, itself first; nothing when it has ended. On other systems than Linux itself only. */
export function pidsOfTree(pid: number = process.pid): number[] {
  if (process.platform !== 'linux') return [pid];
  return readPart(() => [pid, ...childrenOf(pid).flatMap((child) => pidsOfTree(child))], []);
}

/** CPU seconds of a process, those below it and those of all these that have ended, in the kernel's ticks of 10 ms. */
export function ticksOfTree(pid: number = process.pid): number {
  return pidsOfTree(pid).reduce((sum, each) => sum + readPart(() => secondsOf(each), 0), 0);
}

function secondsOf(pid: number): number {
  const fields = statOf(pid);
  const ticks = [USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED].reduce(
    (sum, index) => sum + field(fields, index),
    0,
  );
  return (ticks * TICK) / 1e9;
}

/** What a tree of processes has used since each of them began. */
export interface TreeUsage {
  /** CPU time in milliseconds. */
  readonly user: number;
  readonly system: number;
  /** Times that a thread gave up its core of its own accord, and that it was taken from it. */
  readonly voluntary: number;
  readonly involuntary: number;
}

/**
 * CPU time and context switches of this process and all below it. On other systems than Linux those of this process, when there
 * are no others; `undefined` when `others` says that there are, as nothing is known of them there.
 */
export function usageOfTree(others: boolean): TreeUsage | undefined {
  const { user, system } = process.cpuUsage();
  const { voluntaryContextSwitches: voluntary, involuntaryContextSwitches: involuntary } =
    process.resourceUsage();
  const own = { user: user / 1_000, system: system / 1_000, voluntary, involuntary };
  if (process.platform !== 'linux') return others ? undefined : own;
  const below = pidsOfTree().slice(1);
  const parts = [
    own,
    endedChildren(process.pid),
    ...below.map((pid) => readPart(() => usageOf(pid), NOTHING)),
  ];
  return parts.reduce(added, NOTHING);
}

const NOTHING: TreeUsage = { user: 0, system: 0, voluntary: 0, involuntary: 0 };

function added(a: TreeUsage, b: TreeUsage): TreeUsage {
  return {
    user: a.user + b.user,
    system: a.system + b.system,
    voluntary: a.voluntary + b.voluntary,
    involuntary: a.involuntary + b.involuntary,
  };
}

function endedChildren(pid: number): TreeUsage {
  const fields = statOf(pid);
  return {
    ...NOTHING,
    user: (field(fields, USER_OF_ENDED) * TICK) / 1e6,
    system: (field(fields, SYSTEM_OF_ENDED) * TICK) / 1e6,
  };
}

/** Another process: the sum is exact, how it falls to user and system is as the ticks have it. */
function usageOf(pid: number): TreeUsage {
  const fields = statOf(pid);
  const [user, system] = [field(fields, USER), field(fields, SYSTEM)];
  const total = ofThreads(pid) / 1e6;
  const share = user + system === 0 ? 1 : user / (user + system);
  const switches = threadsOf(pid).map((thread) => readPart(() => read(`${thread}/status`), ''));
  const count = (name: string): number =>
    switches.reduce(
      (sum, status) => sum + Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0),
      0,
    );
  const own: TreeUsage = {
    user: total * share,
    system: total * (1 - share),
    voluntary: count('voluntary_ctxt_switches'),
    involuntary: count('nonvoluntary_ctxt_switches'),
  };
  return added(own, endedChildren(pid));
}

/** CPU milliseconds of a process and all below it, exact for those that run; `undefined` on other systems than Linux. */
export function cpuOfTree(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return readPart(() => (ofThreads(pid) + ofChildren(pid)) / 1e6, 0);
}

/** How much memory a tree of processes takes. */
export interface TreeMemory {
  readonly bytes: number;
  /** `pss`: pages that several share count once, in parts; `rss`: they count for each. */
  readonly kind: 'pss' | 'rss';
}

/**
 * Memory of a process and all below it: PSS where the system tells (it takes it some milliseconds a process), resident pages where
 * it does not let us look; off Linux what this process has resident, and `undefined` for another one.
 */
export function memoryOfTree(pid: number = process.pid): TreeMemory | undefined {
  if (process.platform !== 'linux') {
    return pid === process.pid ? { bytes: process.memoryUsage.rss(), kind: 'rss' } : undefined;
  }
  const pids = pidsOfTree(pid);
  const pss = pids.map(pssOf);
  if (pss.every((bytes) => bytes !== undefined)) return { bytes: sum(pss), kind: 'pss' };
  return { bytes: sum(pids.map(rssOf)), kind: 'rss' };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** `undefined` where it must not be looked at: kernels without it, processes of others. */
function pssOf(pid: number): number | undefined {
  try {
    const found = /^Pss:\s*(\d+) kB/m.exec(readPart(() => read(`${pid}/smaps_rollup`), 'Pss: 0 kB'));
    return found === null ? undefined : Number(found[1]) * 1_024;
  } catch {
    return undefined;
  }
}

function rssOf(pid: number): number {
  const status = readPart(() => read(`${pid}/status`), '');
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
}
