import type { Coroutine } from '@switchyard/hub';
import { follow } from '@switchyard/hub/core';
import { Greenlet } from '../greenlet.ts';

/** A connection, a message or a request that is served. @internal */
export interface Job {
  /** What the greenlet that serves it is called. */
  readonly name: string;
  /** Calls the user's handler. */
  run(): unknown;
  /** It has ended, in whatever way; called once. */
  ended(failed: boolean, outcome: unknown): void;
  /** Whether an error is only the news that what it worked with has been taken away. */
  expects?(error: unknown): boolean;
}

/** A greenlet that serves a connection, a message or a request. @internal */
export class Handler extends Greenlet<unknown> {
  private readonly job: Job;
  private given: string | null;

  constructor(job: Job) {
    super();
    this.job = job;
    this.given = null;
  }

  override run(): unknown {
    return this.job.run();
  }

  // Looked up when somebody asks: most handlers are never named.
  override get name(): string {
    return this.given ?? this.job.name;
  }

  override set name(name: string) {
    this.given = String(name);
  }

  /** @internal */
  override finished(failed: boolean, outcome: unknown): void {
    try {
      this.job.ended(failed, outcome);
    } finally {
      super.finished(failed, outcome);
    }
  }
}

/** The same as a body, for those who start it in a greenlet of their own. @internal */
export function* serve(job: Job): Coroutine<unknown> {
  let failed = true;
  let outcome: unknown;
  try {
    outcome = yield* follow(() => job.run());
    failed = false;
    return outcome;
  } catch (error) {
    outcome = error;
    if (job.expects?.(error) === true) {
      failed = false;
      return undefined;
    }
    throw error;
  } finally {
    job.ended(failed, outcome);
  }
}
