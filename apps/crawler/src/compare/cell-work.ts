import type { Crawl } from '../core/crawl.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import { now } from '../page/trace.ts';
import { Work } from '../work.ts';
import { latencyOf } from './cell.ts';
import { Spans } from './spans.ts';

/** Pages that each place does before it is measured: what starts cold costs several times as much for some 100 pages. */
const WARM_PAGES = 32;
/** Where these take long they are cut short, in milliseconds. */
const WARM_TIME = 250;

/** Told when the measured part begins and ends, at that very moment. */
export interface CellEvents {
  /** Nothing is in flight, all workers are up. */
  began(): void;
  /** The last outcome is there. */
  ended(): void;
}

/**
 * The work of a measured crawl. First every place gets a page that is only answered when all have asked for it, so that all
 * workers are up, with what they need loaded; then some more, so that their code is no longer at its coldest. The crawl itself comes
 * after that, and only that is measured.
 */
export class CellWork extends Work {
  readonly #events: CellEvents;
  readonly #gate: string;
  /** Warm-up jobs that may still be handed out, and those that are out. */
  #warmLeft: number;
  #warmOut = 0;
  #warmJobs = 0;
  #further: number;
  /** When all workers were up and each place had done a page, in milliseconds since 1970. */
  readyAt = 0;
  #measuring = false;
  #finished = false;
  readonly #starts = new Map<number, number>();
  /** Who did what when, since the first request. */
  readonly spans = new Spans();
  /** When the first request started, in milliseconds since 1970. */
  began = 0;
  /** When the last outcome came. */
  ended = 0;
  requests = 0;
  /** Milliseconds that pages took to read. */
  processing = 0;
  readonly latencies: number[] = [];

  constructor(crawl: Crawl, places: number, gate: string, events: CellEvents) {
    super(crawl);
    this.#events = events;
    this.#gate = gate;
    this.#warmLeft = places;
    this.#further = places * (WARM_PAGES - 1);
  }

  get inFlight(): number {
    return this.#starts.size;
  }

  override take(): Job | undefined {
    if (!this.#measuring) return this.#warmJob();
    const job = super.take();
    if (job === undefined) return undefined;
    const at = now();
    if (this.requests++ === 0) this.began = at;
    this.#starts.set(job.id, at);
    return job;
  }

  override done(job: Job, outcome: Outcome): void {
    if (job.id < 0) {
      this.#warmed();
      return;
    }
    const at = now();
    this.ended = at;
    this.#starts.delete(job.id);
    if (job.kind === 'page') this.#note(outcome, at);
    super.done(job, outcome);
    if (this.finished && !this.#finished) {
      this.#finished = true;
      this.#events.ended();
    }
  }

  #warmJob(): Job | undefined {
    if (this.#warmLeft === 0) return undefined;
    this.#warmLeft--;
    this.#warmOut++;
    return { id: -++this.#warmJobs, kind: 'page', url: this.#gate, attempt: 1 };
  }

  #warmed(): void {
    this.#warmOut--;
    if (this.readyAt === 0) {
      if (this.#warmOut > 0) return; // the gate is open, and not all have come through
      this.readyAt = now();
      this.#warmLeft = this.#further;
    }
    if (now() - this.readyAt > WARM_TIME) this.#warmLeft = 0;
    if (this.#warmLeft === 0 && this.#warmOut === 0) {
      this.#measuring = true;
      this.#events.began();
    }
    this.pump();
  }

  #note(outcome: Outcome, at: number): void {
    this.latencies.push(latencyOf(outcome));
    this.processing += outcome.timings.process;
    const { trace } = outcome.timings;
    if (trace === undefined) return;
    const arrived = trace.arrived - this.began;
    this.spans.add(trace.worker, {
      start: arrived - latencyOf(outcome),
      arrived,
      done: Math.min(at, trace.ended) - this.began,
    });
  }
}
