import { monitorEventLoopDelay } from 'node:perf_hooks';
import { memoryOfTree, type TreeUsage, usageOfTree } from '@switchyard/measure';
import type { CellFindings } from './cell.ts';
import type { Percentiles, Run } from './result.ts';

const SAMPLE_EVERY = 50;
const LAG_RESOLUTION = 10;

/** How far a run is. */
export type Look = Omit<CellFindings['samples'][number], 'loopLag'>;

/** What a run took of the machine. */
export interface Consumption extends Pick<Run, 'loopLag' | 'memory' | 'switches'> {
  /** `undefined` where the system does not tell what other processes use. */
  readonly cpu: Run['cpu'] | undefined;
  readonly samples: CellFindings['samples'];
}

/** Measures what this process, and all that it has started, takes between two moments. */
export class Meter {
  readonly #others: boolean;
  readonly #look: () => Look;
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
  readonly #lagNow = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
  readonly #samples: CellFindings['samples'][number][] = [];
  #before: TreeUsage | undefined = undefined;
  #sampler: NodeJS.Timeout | undefined = undefined;

  /** @param others whether there are other processes to be measured */
  constructor(others: boolean, look: () => Look) {
    this.#others = others;
    this.#look = look;
  }

  begin(): void {
    this.#before = usageOfTree(this.#others);
    this.#lag.enable();
    this.#lagNow.enable();
    this.#sampler = setInterval(() => this.#sample(), SAMPLE_EVERY).unref();
  }

  /** To be called while all that was started lives still, so that the memory is what all of it has come to. */
  end(): Consumption {
    const after = usageOfTree(this.#others);
    const before = this.#before;
    clearInterval(this.#sampler);
    this.#sample();
    this.#lag.disable();
    this.#lagNow.disable();
    return {
      cpu: cpuBetween(before, after),
      loopLag: lagOf(this.#lag),
      memory: memoryOfTree() ?? { bytes: process.memoryUsage.rss(), kind: 'rss' },
      switches:
        after === undefined || before === undefined || after.voluntary === 0
          ? null
          : {
              voluntary: after.voluntary - before.voluntary,
              involuntary: after.involuntary - before.involuntary,
            },
      samples: this.#samples,
    };
  }

  #sample(): void {
    const late = this.#lagNow.count === 0 ? null : Math.max(0, this.#lagNow.max / 1e6 - LAG_RESOLUTION);
    this.#lagNow.reset();
    this.#samples.push({ ...this.#look(), loopLag: late });
  }
}

function cpuBetween(before: TreeUsage | undefined, after: TreeUsage | undefined): Consumption['cpu'] {
  if (before === undefined || after === undefined) return undefined;
  return {
    user: Math.max(0, after.user - before.user),
    system: Math.max(0, after.system - before.system),
  };
}

function lagOf(histogram: ReturnType<typeof monitorEventLoopDelay>): Percentiles | null {
  if (histogram.count === 0) return null;
  const late = (value: number): number => Math.max(0, value / 1e6 - LAG_RESOLUTION);
  const at = (percent: number): number => late(histogram.percentile(percent));
  return { p50: at(50), p90: at(90), p99: at(99), max: late(histogram.max) };
}
