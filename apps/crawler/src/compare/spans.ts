import { WORKER } from '../page/trace.ts';
import type { CellFindings } from './cell.ts';
import type { Span } from './result.ts';

/** Spans that are kept of a run: a picture shows no more. */
const MOST = 600;

/** Who did what when, since the first request. */
export class Spans {
  readonly #of = new Map<string, Span[]>();
  #count = 0;

  /** Keeps a span, as long as there is room in the picture. Clocks of processes may differ by a fraction of a millisecond. */
  add(worker: string, { start, arrived, done }: Span): void {
    if (this.#count >= MOST) return;
    this.#count++;
    const spans = this.#of.get(worker) ?? [];
    this.#of.set(worker, spans);
    spans.push({ start: Math.max(0, start), arrived: Math.max(0, arrived), done });
  }

  /** Each worker, by a name that says something. */
  workers(): CellFindings['workers'] {
    let number = 0;
    return [...this.#of].map(([worker, spans]) => ({
      name: worker === WORKER ? 'main thread' : `worker ${++number}`,
      spans: spans.map(({ start, arrived, done }) => ({
        start: round(start),
        arrived: round(arrived),
        done: round(done),
      })),
    }));
  }
}

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
