import { hub, Ring } from '@switchyard/hub/core';

/** What a worker of a pool is given at a time: one run of a task, or runs of it for each of several items. @internal */
export class Job {
  readonly target: object;
  readonly args: readonly unknown[];
  /** `CHUNK` or 0. */
  readonly flags: number;
  /** What its arguments are called in the message of a CloneError; null for `args[0]`, `args[1]`. */
  readonly names: (() => readonly string[]) | null;
  /** Told once what came of it. */
  private readonly done: (failed: boolean, outcome: unknown) => void;
  /** Whether it has ended, or nobody wants it any more. */
  over: boolean;

  constructor(
    target: object,
    args: readonly unknown[],
    flags: number,
    names: (() => readonly string[]) | null,
    done: (failed: boolean, outcome: unknown) => void,
  ) {
    this.target = target;
    this.args = args;
    this.flags = flags;
    this.names = names;
    this.done = done;
    this.over = false;
    // It will be answered by another process: virtual time must not overtake it.
    hub.outside++;
  }

  end(failed: boolean, outcome: unknown): void {
    if (this.drop()) this.done(failed, outcome);
  }

  /** Nobody wants it any more; returns whether it had not ended. */
  drop(): boolean {
    if (this.over) return false;
    this.over = true;
    hub.outside--;
    return true;
  }
}

/** The jobs that no worker has yet, in order; those that have been dropped are passed over. @internal */
export class JobQueue {
  private readonly jobs = new Ring<Job>();

  /** The first one, which stays. */
  get first(): Job | null {
    for (let job = this.jobs.first; job !== undefined; job = this.jobs.first) {
      if (!job.over) return job;
      void this.jobs.shift();
    }
    return null;
  }

  /** How many there are, dropped ones included. */
  get length(): number {
    return this.jobs.length;
  }

  push(job: Job): void {
    this.jobs.push(job);
  }

  /** It comes next. */
  unshift(job: Job): void {
    this.jobs.unshift(job);
  }

  shift(): Job | null {
    const job = this.first;
    if (job !== null) void this.jobs.shift();
    return job;
  }
}
