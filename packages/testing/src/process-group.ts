/** The processes a test file has started: they share its process group. */
import { readdirSync, readFileSync } from 'node:fs';

const graceMs = 1000;

/** Ends every process of the group that is still there. */
export function killGroup(group: number | undefined): void {
  if (group !== undefined) signalGroup(group, 'SIGKILL');
}

/** The command lines of what is still running a second after the group's leader has ended. */
export async function leftProcesses(group: number | undefined): Promise<string[]> {
  if (group === undefined) return [];
  const deadline = performance.now() + graceMs;
  for (;;) {
    const left = members(group);
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function members(group: number): string[] {
  if (!signalGroup(group, 0)) return [];
  // A dead process that nobody has collected yet still answers signals; only /proc tells it apart.
  if (process.platform !== 'linux') return [`a process of group ${group}`];
  const found: string[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name in parentheses may itself hold blanks and parentheses; after it: state, parent, group.
      const [state, , owner] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(owner) !== group || state === 'Z' || state === 'X') continue;
      found.push(readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ').trim().slice(0, 200));
    } catch {
      // It ended while we were looking.
    }
  }
  return found;
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
