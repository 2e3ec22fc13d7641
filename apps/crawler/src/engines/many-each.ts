import { type Executor, Future, TimeoutError } from '@switchyard/futures';
import type { Waitable } from '@switchyard/hub';
import { type Connection, Pipe } from '@switchyard/multiprocessing';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import type { Visitors } from './pool.ts';
import type { ReadTask } from './visit.ts';
import { type News, visits } from './visits.ts';

/** A page that was under way in so many processes that died, for no reason that is known, is taken for it. */
const TRIES = 3;
/** How often it is looked whether a page takes too long to read, as a part of what it may take. */
const LOOKS = 8;

/** An executor's workers, each of which does many jobs at a time. */
export class ManyEach implements Visitors {
  readonly #pool: Executor;
  readonly #members: readonly Member[];

  /** @param reading milliseconds that a page may take to read */
  constructor(pool: Executor, count: number, task: ReadTask, reading: number) {
    this.#pool = pool;
    this.#members = Array.from({ length: count }, () => new Member(pool, task, reading));
  }

  submit(job: Job): Future<Outcome> {
    const [first, ...others] = this.#members;
    // One that is not needed yet is not started.
    return others.reduce((least, one) => (one.load < least.load ? one : least), first as Member).submit(job);
  }

  shutdown(): Waitable<void> {
    for (const member of this.#members) member.close();
    return this.#pool.shutdown();
  }
}

/** A job that is under way. */
class Visit {
  readonly job: Job;
  readonly future: Future<Outcome>;
  /** How many processes have died with it for no reason that is known. */
  deaths = 0;

  constructor(job: Job) {
    this.job = job;
    this.future = new Future(`the visit of ${job.url}`);
  }
}

/** One process that does many jobs: one task of the executor, which runs until there are no more. */
class Member {
  readonly #pool: Executor;
  readonly #task: ReadTask;
  readonly #reading: number;
  readonly #visits = new Map<number, Visit>();
  #running: Future<void> | null = null;
  #line: readonly [Connection<Job>, Connection<Job>] | null = null;
  /** The page that it reads now: nothing else goes on meanwhile. */
  #page: { readonly id: number; readonly since: number } | null = null;
  /** Why it was killed, when we did that. */
  #verdict: Error | null = null;
  #watch: NodeJS.Timeout | undefined = undefined;
  #closed = false;

  constructor(pool: Executor, task: ReadTask, reading: number) {
    this.#pool = pool;
    this.#task = task;
    this.#reading = reading;
  }

  get load(): number {
    return this.#visits.size;
  }

  submit(job: Job): Future<Outcome> {
    const visit = new Visit(job);
    this.#visits.set(job.id, visit);
    if (this.#line === null) this.#start();
    // Where it has died, whoever takes its place is told of this one too.
    else this.#line[0].send(job).then(undefined, () => {});
    return visit.future;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    if (this.#visits.size > 0) this.#running?.kill('the crawl gives it up');
    this.#hangUp();
  }

  /** @throws BrokenExecutor when no process can be started any more */
  #start(): void {
    const line = Pipe() as [Connection<Job>, Connection<Job>];
    const first = [...this.#visits.values()].map(({ job }) => job);
    const onProgress = (news: unknown): void => this.#told(news as News);
    const running = this.#pool.submitWith({ onProgress, name: 'visits' }, visits, line[1], this.#task, first);
    running.addDoneCallback(() => this.#ended(running));
    this.#running = running;
    this.#line = line;
    this.#verdict = null;
    this.#watch = setInterval(() => this.#look(), this.#reading / LOOKS).unref();
  }

  #told(news: News): void {
    if (typeof news === 'number') {
      this.#page = { id: news, since: performance.now() };
      return;
    }
    const [id, outcome] = news;
    if (this.#page?.id === id) this.#page = null;
    this.#settle(id, (future) => future.setResult(outcome));
  }

  /** Sees to it that no page takes longer than it may. */
  #look(): void {
    if (this.#page === null || performance.now() - this.#page.since <= this.#reading) return;
    this.#verdict ??= new TimeoutError(`it took longer than ${this.#reading} ms to read`);
    this.#running?.kill(this.#verdict, { grace: 0 });
  }

  /** It has died. Where it was reading a page, that is the reason; what else it had under way is done by another. */
  *#ended(running: Future<void>): Generator<never, void> {
    const page = this.#page;
    this.#page = null;
    clearInterval(this.#watch);
    this.#hangUp();
    const error = this.#verdict ?? (yield* errorOf(running));
    if (this.#closed) return;
    if (page !== null) this.#settle(page.id, (future) => future.setException(error));
    else this.#suspectAll(error);
    if (this.#visits.size === 0) return;
    try {
      this.#start();
    } catch (broken) {
      for (const id of this.#visits.keys()) this.#settle(id, (future) => future.setException(broken));
    }
  }

  /** Any of what was under way can be the reason, or none. */
  #suspectAll(error: unknown): void {
    for (const visit of this.#visits.values()) {
      if (++visit.deaths >= TRIES) this.#settle(visit.job.id, (future) => future.setException(error));
    }
  }

  #hangUp(): void {
    for (const end of this.#line ?? []) end.close();
    this.#line = null;
    this.#running = null;
  }

  #settle(id: number, settle: (future: Future<Outcome>) => void): void {
    const visit = this.#visits.get(id);
    this.#visits.delete(id);
    if (visit !== undefined && !visit.future.done()) settle(visit.future);
  }
}

/** What it failed with. */
function* errorOf(running: Future<void>): Generator<never, unknown> {
  try {
    return (
      (yield* running.exception() as unknown as Generator<never, unknown>) ?? new Error('it ended too early')
    );
  } catch (cancelled) {
    return cancelled;
  }
}
