import { cpuOfChildren } from '@switchyard/measure';
import type { Method, Sample, Work } from './row.ts';

type Round = (work: Work, n: number) => Promise<Sample>;

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('Expected the process to run with --expose-gc');
  // Twice: what the first collection finalizes, the second one frees.
  globalThis.gc();
  globalThis.gc();
}

const none = (): number => 0;

/**
 * CPU (user and system, of every thread of the process: a collector that works beside the main thread is paid for, too) and wall
 * time per operation, in nanoseconds. Each round begins after a full collection, so that it pays for no garbage but its own.
 * `peak` and `left` are totals: the most the process has had resident, and what the round left on the heap.
 *
 * @param others reads the CPU time of others that is to be counted as well, in nanoseconds
 */
async function timed(work: Work, n: number, others: () => number = none): Promise<Sample> {
  await work.arrange?.(n);
  collect();
  const heap = process.memoryUsage().heapUsed;
  const before = others();
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  await work.run(n);
  const took = Number(process.hrtime.bigint() - wall);
  const used = process.cpuUsage(cpu);
  const usedByOthers = others() - before;
  await work.release?.();
  collect();
  return {
    cpu: ((used.user + used.system) * 1_000 + usedByOthers) / n,
    wall: took / n,
    peak: process.resourceUsage().maxRSS * 1_024,
    left: process.memoryUsage().heapUsed - heap,
  };
}

/** Bytes per task that `run` has left waiting: on the heap, and resident. */
async function parked(work: Work, n: number): Promise<Sample> {
  await work.arrange?.(n);
  collect();
  const before = process.memoryUsage();
  await work.run(n);
  collect();
  const after = process.memoryUsage();
  await work.release?.();
  return { heap: (after.heapUsed - before.heapUsed) / n, rss: (after.rss - before.rss) / n };
}

export const METHODS: Readonly<Record<Method, Round>> = {
  time: (work, n) => timed(work, n, work.cpuOfOthers),
  tree: (work, n) => timed(work, n, cpuOfChildren),
  parked,
};
