import { availableParallelism } from 'node:os';

/** How many processes can compute at the same time. Python: `multiprocessing.cpu_count`. */
export function cpuCount(): number {
  return availableParallelism();
}
