import type { Reference } from '@switchyard/remote';
import type { Setting } from '../result.ts';

/** What the process of a run is told. It can be cloned. */
export interface TaskOrder {
  readonly setting: Setting;
  readonly task: Reference;
  readonly items: readonly (readonly unknown[])[];
  /** A page that is not answered before all workers have asked for it. */
  readonly gate: string;
  /** When the process was asked for, in milliseconds since 1970. */
  readonly spawned: number;
}

const key = Symbol.for('@switchyard/crawler.run');
const state = globalThis as unknown as Record<symbol, string | undefined>;

/** Says that this process does one run of a comparison, for a task of this module. */
export function becomeRun(url: string): void {
  state[key] = url;
}

/** The module whose task this process runs for a comparison; `undefined` in any other process. */
export function runOf(): string | undefined {
  return state[key];
}
