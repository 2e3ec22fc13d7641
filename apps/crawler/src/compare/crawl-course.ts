import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostsOfSeed } from '../fetch/guard.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Arena } from './arena.ts';
import type { CellOrder } from './cell.ts';
import type { Course } from './course.ts';
import type { Gate } from './gate.ts';
import { guess, isUnknown, pagesFor, type PlannedCell, type PlanOptions } from './plan.ts';
import { type Measured, startCell, type StartOptions } from './start-cell.ts';

/** When a first run took so many times what `serial` may, the point has too many pages. */
const TOO_SLOW = 1.5;
/** Beyond what a run should take, a process is given up; never before this, in milliseconds. */
const PATIENCE = 20;
const LEAST_PATIENCE = 60_000;
/** Sources are run as .ts, the built package as .js: the child is whatever this file is. */
const PROGRAM = new URL(`./cell-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);

/** How crawls are made. */
export interface CrawlCourseOptions {
  readonly plan: PlanOptions;
  readonly robots: 'obey' | 'ignore';
  readonly fetch: FetchSettings;
}

/** Cells that are crawls. */
export class CrawlCourse implements Course<PlannedCell> {
  readonly trouble = 'met a page that failed';
  readonly #arena: Arena;
  readonly #gate: Gate;
  readonly #options: CrawlCourseOptions;

  constructor(arena: Arena, gate: Gate, options: CrawlCourseOptions) {
    this.#arena = arena;
    this.#gate = gate;
    this.#options = options;
  }

  guess(cell: PlannedCell): number {
    return guess(cell);
  }

  deadline(took: number): number {
    return Math.max(LEAST_PATIENCE, took * PATIENCE);
  }

  async once({ at, setting }: PlannedCell, options: StartOptions): Promise<Measured> {
    const { fetch, robots } = this.#options;
    const seeds = await this.#arena.prepare(at);
    this.#gate.shut(setting.inFlight);
    return await startCell<CellOrder>(
      PROGRAM,
      {
        setting,
        seeds,
        gate: this.#gate.url,
        crawl: {
          robots,
          concurrency: setting.inFlight,
          userAgent: fetch.userAgent,
          maxCrawlDelay: 30_000,
          retries: 0, // a run that waits for a second attempt measures the wait
        },
        fetch: {
          ...fetch,
          work: at.work,
          allowedHosts: [...new Set([...this.#arena.allowed, this.#gate.url].flatMap(hostsOfSeed))],
        },
      },
      options,
    );
  }

  async peak(): Promise<number | null> {
    return await this.#arena.peak();
  }

  /** Believes a first run when it shows that the work of a point takes far longer, or shorter, than was thought. */
  learn({ at, setting }: PlannedCell, { run }: Measured): void {
    const { plan } = this.#options;
    if (setting.id !== 'serial' || plan.pages !== undefined || this.#arena.kind !== 'demo') return;
    const each = run.wall / run.pages;
    const latency = at.point.latency ?? 0;
    const slow = run.wall > plan.serialTime * TOO_SLOW;
    if (slow || isUnknown(at.work)) at.pages = pagesFor(latency, Math.max(0.1, each - latency), plan);
  }
}
