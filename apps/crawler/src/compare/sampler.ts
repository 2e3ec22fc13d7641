import { now } from '../page/trace.ts';
import { cpuOfTree, memoryOfTree, type TreeMemory } from '@switchyard/measure';

const EVERY = 100;
/** A look at the memory takes milliseconds a process, of which the one that is looked at feels some: every so many readings. */
const MEMORY_EVERY = 4;

/** What a tree of processes had used at one moment, in milliseconds since 1970. */
interface Reading {
  readonly at: number;
  readonly cpu: number;
}

/** Watches a tree of processes from outside, so that what watching costs is not the tree's. */
export class Sampler {
  readonly #pid: number;
  readonly #readings: Reading[] = [];
  readonly #memories: (TreeMemory & { readonly at: number })[] = [];
  readonly #timer: NodeJS.Timeout;
  #turn = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#read();
    this.#timer = setInterval(() => {
      this.#read();
      if (++this.#turn % MEMORY_EVERY === 0) this.#readMemory();
    }, EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The most memory that was seen up to a moment. */
  peak(until: number): TreeMemory | undefined {
    const seen = this.#memories.filter(({ at }) => at <= until);
    return seen.reduce<TreeMemory | undefined>(
      (most, one) => (most === undefined || one.bytes > most.bytes ? one : most),
      undefined,
    );
  }

  /** Cores in use around a moment; `null` where that is not known. */
  coresAt(at: number): number | null {
    const after = this.#readings.findIndex((reading) => reading.at >= at);
    const index = after < 0 ? this.#readings.length - 1 : after;
    const [from, to] = [this.#readings[index - 1], this.#readings[index]];
    if (from === undefined || to === undefined || to.at <= from.at) return null;
    return Math.max(0, (to.cpu - from.cpu) / (to.at - from.at));
  }

  /** The memory that was seen last before a moment. */
  memoryAt(at: number): number | null {
    return this.#memories.findLast((memory) => memory.at <= at)?.bytes ?? null;
  }

  #read(): void {
    const cpu = cpuOfTree(this.#pid);
    if (cpu !== undefined && cpu > 0) this.#readings.push({ at: now(), cpu });
  }

  #readMemory(): void {
    const memory = memoryOfTree(this.#pid);
    if (memory !== undefined && memory.bytes > 0) this.#memories.push({ at: now(), ...memory });
  }
}
