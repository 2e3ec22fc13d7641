import { readFileSync } from 'node:fs';
import { ticksOfTree } from './process-tree.ts';

// The kernel counts in hundredths of a second for user space, whatever its own tick is.
const TICKS_PER_SECOND = 100;

/** CPU seconds, since boot or since the start, as the kernel counts them. */
interface Counted {
  readonly at: number;
  /** The whole machine, and what a hypervisor took away from it. */
  readonly machine: number;
  /** This process and all that it has started, whether that runs or has ended. */
  readonly own: number;
}

/** From `/proc/stat`: user, nice, system and stolen time. Interrupts are left out: the loopback traffic of a cell causes them itself. */
export function machineSeconds(stat: string): number {
  const fields = (/^cpu\s+(.*)$/m.exec(stat)?.[1] ?? '').split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = fields;
  return (user + nice + system + steal) / TICKS_PER_SECOND;
}

function count(): Counted | undefined {
  try {
    return {
      at: performance.now() / 1_000,
      machine: machineSeconds(readFileSync('/proc/stat', 'utf8')),
      own: ticksOfTree(),
    };
  } catch {
    return undefined; // not a Linux: nothing is said about noise
  }
}

/** More of a core than this for others, and a run is called disturbed. */
export const DISTURBED = 0.2;

/** Begins to listen; the function it returns says how much of a core other processes had since then, if the system tells. */
export function listen(): () => number | undefined {
  const before = count();
  return () => {
    const after = count();
    if (before === undefined || after === undefined || after.at <= before.at) return undefined;
    const others = after.machine - before.machine - (after.own - before.own);
    return Math.max(0, others / (after.at - before.at));
  };
}
