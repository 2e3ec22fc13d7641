import { describeMachine, load } from '@switchyard/measure';
import { VERSION } from '../version.ts';
import { doubts } from './analysis/doubts.ts';
import type { Course, HoldOptions, PlannedRun } from './course.ts';
import { type Comparison, FORMAT } from './result.ts';
import { Runner } from './runner.ts';
import { middleRun, summarized } from './summarize.ts';

/**
 * Runs the cells: warm-ups first, then the measured runs, in random order, each in a fresh process. A cell that fails says why, and
 * the others go on. When it is told to stop, what there is by then is what comes back.
 */
export async function hold<P extends PlannedRun>(
  course: Course<P>,
  options: HoldOptions<P>,
  about: Pick<Comparison, 'kind' | 'subjects' | 'capacity'>,
): Promise<Comparison> {
  const started = new Date();
  const start = performance.now();
  const loadAtStart = load();
  const runner = new Runner(course, options, start);
  await runner.all();
  const { cells, warnings } = runner;
  const comparison: Comparison = {
    format: FORMAT,
    title: options.title,
    started: started.toISOString(),
    took: Math.round(performance.now() - start),
    kind: about.kind,
    seed: options.seed,
    subjects: about.subjects,
    pages: cells[0]?.planned.at.pages ?? 0,
    environment: {
      ...describeMachine(),
      node: process.versions.node,
      v8: process.versions.v8,
      switchyard: VERSION,
      load: loadAtStart,
    },
    command: options.command,
    capacity: about.capacity,
    cells: summarized(
      cells.map(({ planned, made, failed }) => ({
        point: planned.at.point,
        setting: planned.setting,
        runs: failed === null ? made.map(({ run }) => run) : [],
        timeline: failed === null ? (middleRun(made)?.timeline ?? null) : null,
        command: options.commandOf(planned),
        failed: failed ?? (made.length === 0 ? 'stopped before it was measured' : null),
      })),
      options.seed,
    ),
    warnings: [...options.warnings, ...warnings],
  };
  return { ...comparison, warnings: doubts(comparison) };
}
