import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** Where figures come from; they mean little without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: totalmem(),
    system: `${type()} ${release()} ${arch()}`,
  };
}

/** Load averages of 1, 5 and 15 minutes; zeros where the system has none. */
export const load = (): number[] => loadavg().map((value) => Math.round(value * 100) / 100);

/** Versions of the Node that runs the cells, which need not be the one that runs the bench. */
export function nodeVersions(node: string): { node: string; v8: string } {
  const { node: version, v8 } = JSON.parse(
    execFileSync(node, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }),
  ) as NodeJS.ProcessVersions;
  return { node: version, v8 };
}
