import { seededRandom, shuffled } from '@switchyard/measure';
import type { CompareProgress, Course, HoldOptions, PlannedRun } from './course.ts';
import type { Run } from './result.ts';
import { CellError, type Measured } from './start-cell.ts';

/** When time is short there are so many runs of each all the same. */
const LEAST_RUNS = 3;
/** Another point tells more than a fifth run of each at the first. */
const ENOUGH_RUNS = 4;
/** A run that was disturbed is made again so often, where nobody says. */
const REPEATS = 2;
/** So many repeats in a row that were disturbed as well show that others will not do better. */
const IN_VAIN = 3;
/** A measured run, with its picture. */
interface Made {
  readonly run: Run;
  readonly timeline: Measured['timeline'];
}

/** A cell while it is measured. */
class Cell<P extends PlannedRun> {
  readonly planned: P;
  readonly made: Made[] = [];
  failed: string | null = null;
  /** What a run takes, start and end of its process included. */
  took: number;

  constructor(planned: P, took: number) {
    this.planned = planned;
    this.took = took;
  }

  /** How many runs it lacks of so many. */
  missing(runs: number): number {
    return this.failed === null ? Math.max(0, runs - this.made.length) : 0;
  }
}

/** Runs cells, one after the other, in random order. */
export class Runner<P extends PlannedRun> {
  cells: Cell<P>[];
  readonly warnings: string[] = [];
  readonly #course: Course<P>;
  readonly #options: HoldOptions<P>;
  readonly #start: number;
  readonly #random: () => number;
  #done = 0;
  /** Those that are to be run besides: for the first time, and again. */
  #extra: Cell<P>[] = [];
  #order = 0;

  constructor(course: Course<P>, options: HoldOptions<P>, start: number) {
    this.#course = course;
    this.#options = options;
    this.#start = start;
    this.#random = seededRandom(options.seed);
    this.cells = options.cells.map((planned) => new Cell(planned, course.guess(planned)));
  }

  async all(): Promise<void> {
    await this.#warmUp();
    for (let round = 0; round < this.#options.runs; round++) {
      if (round >= LEAST_RUNS && !this.#hasTimeFor(this.cells)) {
        this.warnings.push(`There was no time for more than ${round} of ${this.#options.runs} runs of each.`);
        break;
      }
      for (const cell of shuffled(this.cells, this.#random)) await this.#measure(cell);
    }
    await this.#repeatDirty();
  }

  /** Makes disturbed runs again, until several in a row show that the machine does not become quieter. */
  async #repeatDirty(): Promise<void> {
    let inVain = 0;
    for (let repeat = 0; repeat < (this.#options.repeats ?? REPEATS); repeat++) {
      const dirty = this.cells.flatMap((cell) =>
        cell.made.filter(({ run }) => run.dirty).map((made) => ({ cell, made })),
      );
      const again = shuffled(dirty, this.#random);
      this.#extra = again.map(({ cell }) => cell);
      for (const { cell, made } of again) {
        this.#extra.shift();
        if (inVain === IN_VAIN) return;
        inVain = (await this.#repeat(cell, made)) ? 0 : inVain + 1;
      }
    }
  }

  /** The first runs, which do not count, and tell how long all will take. */
  async #warmUp(): Promise<void> {
    const all = this.cells;
    const ranks = [...new Set(all.map(({ planned }) => planned.rank))].sort((a, b) => a - b);
    this.cells = [];
    for (const rank of ranks) {
      const more = all.filter(({ planned }) => planned.rank === rank);
      this.#expect(more);
      const cold = this.#cold(more);
      const runs = Math.min(this.#options.runs, ENOUGH_RUNS);
      const needed = this.#timeFor([...this.cells, ...more], runs) + this.#timeToWarm(cold);
      if (rank > 0 && performance.now() - this.#start + needed > this.#options.budget) {
        this.#leftOut(more);
        continue;
      }
      this.cells.push(...more);
      for (let warmUp = 0; warmUp < this.#options.warmUps; warmUp++) {
        this.#extra = shuffled(cold, this.#random);
        for (let cell = this.#extra.shift(); cell !== undefined; cell = this.#extra.shift()) {
          const made = await this.#try(cell, 'warm-up');
          if (made !== undefined) this.#course.learn(cell.planned, made);
        }
      }
    }
  }

  async #measure(cell: Cell<P>): Promise<void> {
    const made = await this.#once(cell, 'run');
    if (made !== undefined) cell.made.push(made);
  }

  /** Makes a disturbed run again. What was disturbed less is kept. @returns whether it is clean now */
  async #repeat(cell: Cell<P>, before: Made): Promise<boolean> {
    if (!this.#hasTimeFor([cell])) return false;
    const made = await this.#once(cell, 'repeat');
    if (made === undefined) return false;
    if ((made.run.foreign ?? 0) < (before.run.foreign ?? 0)) cell.made[cell.made.indexOf(before)] = made;
    return !made.run.dirty;
  }

  async #once(cell: Cell<P>, phase: 'run' | 'repeat'): Promise<Made | undefined> {
    const made = await this.#try(cell, phase);
    if (made === undefined) return undefined;
    const serverPeak = await this.#course.peak();
    return { run: { ...made.run, order: this.#order++, serverPeak }, timeline: made.timeline };
  }

  async #try(cell: Cell<P>, phase: CompareProgress['phase']): Promise<Measured | undefined> {
    const { signal, onProgress } = this.#options;
    if (cell.failed !== null || signal.aborted) return undefined;
    const { planned } = cell;
    onProgress({ cell: planned, phase, ...this.#progress() });
    this.#done++;
    try {
      const deadline = this.#course.deadline(cell.took);
      const made = await this.#course.once(planned, { signal, deadline });
      cell.took = phase === 'warm-up' ? made.took : (cell.took + made.took) / 2;
      this.#note(planned, made);
      return made;
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      if (!signal.aborted) cell.failed = error.message;
      return undefined;
    }
  }

  /** What went wrong is no reason to stop; that it did must be known. */
  #note(planned: P, { trouble }: Measured): void {
    if (trouble === undefined) return;
    const front = `${planned.setting.id} at ${planned.at.point.work} ${this.#course.trouble}: `;
    if (!this.warnings.some((known) => known.startsWith(front))) this.warnings.push(`${front}${trouble}`);
  }

  /** What runs that were made say of those that were not: a start takes as long at any point. */
  #expect(cells: readonly Cell<P>[]): void {
    for (const cell of cells) {
      const { setting } = cell.planned;
      const like = this.cells.find(({ planned }) => planned.setting.id === setting.id);
      if (like !== undefined)
        cell.took = like.took + this.#course.guess(cell.planned) - this.#course.guess(like.planned);
    }
  }

  #leftOut(cells: readonly Cell<P>[]): void {
    const what = cells
      .map(({ planned }) => `${planned.setting.id} at work ${planned.at.point.work}`)
      .join(', ');
    this.warnings.push(`There was no time for ${what} in a quick comparison: --full has all.`);
  }

  /** Those that need a run that does not count. When time is short, one of an engine will do. */
  #cold(cells: readonly Cell<P>[]): readonly Cell<P>[] {
    if (this.#options.budget === Infinity) return cells;
    return cells.filter(({ planned }) =>
      this.cells.every((known) => known.planned.setting.id !== planned.setting.id),
    );
  }

  #timeToWarm(cells: readonly Cell<P>[]): number {
    return cells.reduce((sum, { took }) => sum + took, 0) * this.#options.warmUps;
  }

  /** What the missing runs take. @param runs how many there are to be of each */
  #timeFor(cells: readonly Cell<P>[], runs = this.#options.runs): number {
    return cells.reduce((sum, cell) => sum + cell.took * cell.missing(runs), 0);
  }

  /** Whether one more run of each fits. */
  #hasTimeFor(cells: readonly Cell<P>[]): boolean {
    const needed = cells.reduce((sum, { took, failed }) => sum + (failed === null ? took : 0), 0);
    return performance.now() - this.#start + needed <= this.#options.budget;
  }

  #progress(): Pick<CompareProgress, 'done' | 'total' | 'left'> {
    const { runs, budget } = this.#options;
    const inTime = this.#start + budget - performance.now();
    const left = Math.min(this.#timeFor(this.cells), Math.max(inTime, this.#timeFor(this.cells, LEAST_RUNS)));
    const missing = this.cells.reduce((sum, cell) => sum + cell.missing(runs), 0);
    return {
      done: this.#done,
      total: this.#done + this.#extra.length + missing,
      left: left + this.#timeToWarm(this.#extra),
    };
  }
}
