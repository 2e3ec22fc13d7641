import { availableParallelism } from 'node:os';
import { nameOf, type Workload } from '../workload/workload.ts';
import type { Point, Setting } from './result.ts';

/** What is to be compared. Times are milliseconds. */
export interface PlanOptions {
  readonly settings: readonly Setting[];
  /** `[null]` where the site is not ours. */
  readonly latencies: readonly (number | null)[];
  readonly works: readonly Workload[];
  /** Of a run; chosen for each point when left out. */
  readonly pages: number | undefined;
  /** How long `serial` may take for the pages of a point. */
  readonly serialTime: number;
  readonly mostPages: number;
}

/** Circumstances, and the pages that every engine does under them. */
export interface PlannedPoint {
  readonly point: Point;
  readonly work: Workload;
  /** Becomes another number once it is known what the work costs; the same for all engines. */
  pages: number;
}

/** One engine in one setting at one point. */
export interface PlannedCell {
  readonly at: PlannedPoint;
  readonly setting: Setting;
  /** What can be left out when time is short: 0 cannot, and what has the highest number goes first. */
  readonly rank: number;
}

/** CPU time of a page besides its work, and of work that does not say: where the first runs show another they are believed. */
const PAGE = 1.5;
const UNKNOWN_WORK = 4;
/** Each place is to be taken by so many pages at least, or an engine is not seen at work. */
const PAGES_A_PLACE = 4;
const LEAST = 20;

/** All cells, point by point. The first point is the one that is never left out. */
export function plan(options: PlanOptions): PlannedCell[] {
  const points = options.works.flatMap((work) =>
    options.latencies.map((latency): PlannedPoint => {
      const point: Point = { latency, work: nameOf(work) };
      return { point, work, pages: options.pages ?? pagesFor(latency ?? 0, costOf(work), options) };
    }),
  );
  return points.flatMap((at, index) =>
    options.settings.map((setting): PlannedCell => {
      return { at, setting, rank: rankOf(index, setting) };
    }),
  );
}

/** The first point says how well engines wait. Of the others those come first between whom a choice has to be made there. */
function rankOf(point: number, { engine, terms }: Setting): number {
  if (terms === 'best') return 3;
  if (point === 0) return 0;
  return ['serial', 'greenlet', 'hybrid'].includes(engine) ? 1 : 2;
}

/** The pages that `serial` does in the time it may take, and enough to fill the places of the others. */
export function pagesFor(latency: number, cost: number, options: PlanOptions): number {
  const places = Math.max(...options.settings.map(({ inFlight }) => inFlight));
  const fitting = Math.floor(options.serialTime / (latency + cost));
  // Whole rounds of all places: the last pages would otherwise be waited for by places without any.
  const whole = Math.round(fitting / places) * places;
  return Math.max(LEAST, PAGES_A_PLACE * places, Math.min(whole, options.mostPages));
}

/** CPU milliseconds that a page is thought to take. */
function costOf(work: Workload): number {
  if (work.type === 'links') return PAGE;
  return PAGE + (work.type === 'burn' ? work.ms : UNKNOWN_WORK);
}

/** Whether only a run can tell what the work costs. */
export function isUnknown(work: Workload): boolean {
  return work.type === 'dom' || work.type === 'module';
}

/** What a worker costs before its first page, and a process, in milliseconds of a core. */
const WORKER_START = 230;
const PROCESS_START = 320;

/** How long a run of a cell may take, before any was seen: start-up, pages, shut-down. */
export function guess({ at, setting }: PlannedCell): number {
  const cores = availableParallelism();
  const usable = Math.max(1, Math.min(setting.workers + 1, cores));
  const cpu = (at.pages * costOf(at.work)) / usable;
  const waits = (at.pages / setting.inFlight) * ((at.point.latency ?? 250) + costOf(at.work));
  return PROCESS_START + (setting.workers * WORKER_START) / cores + Math.max(cpu, waits) + 100;
}
