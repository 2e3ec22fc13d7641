import type { Arena } from './arena.ts';
import type { HoldOptions } from './course.ts';
import { CrawlCourse, type CrawlCourseOptions } from './crawl-course.ts';
import { Gate } from './gate.ts';
import { hold } from './hold.ts';
import type { PlannedCell } from './plan.ts';
import type { Comparison } from './result.ts';

export type { CompareProgress } from './course.ts';

/** How a comparison of crawls is made. Times are milliseconds. */
export interface CompareOptions extends HoldOptions<PlannedCell>, CrawlCourseOptions {}

/** Compares crawls. When it is told to stop, what there is by then is what comes back. */
export async function compare(arena: Arena, options: CompareOptions): Promise<Comparison> {
  const gate = await Gate.open();
  try {
    return await hold(new CrawlCourse(arena, gate, options), options, arena);
  } finally {
    await gate.close();
  }
}
