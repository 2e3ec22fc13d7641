import { GreenletExit } from '@switchyard/greenlet';
import { Greenlet } from '@switchyard/gevent';
import { type captureContext, OBSERVED } from '@switchyard/hub/core';
import type { TaskContext } from '@switchyard/remote';
import { runAs } from '@switchyard/remote/core';
import type { Work } from './executor-work.ts';

/** Who is told how it goes with a task. */
interface Pool {
  begins(task: PoolTask): void;
  ends(task: PoolTask, failed: boolean, outcome: unknown): void;
}

/** The greenlet that runs one task, and what the task may know of itself. @internal */
export class PoolTask extends Greenlet<unknown> implements TaskContext {
  readonly work: Work;
  /** It did not stop when it was told to, and the pool does without it. */
  left: boolean;
  private readonly pool: Pool;
  /** The async context of the submit, when it starts later than that. */
  private readonly origin: ReturnType<typeof captureContext> | null;
  private controller: AbortController | null;
  private reason: Error | null;

  constructor(pool: Pool, work: Work, origin: ReturnType<typeof captureContext> | null) {
    super(work.target, ...work.args);
    this.pool = pool;
    this.work = work;
    this.origin = origin;
    this.left = false;
    this.controller = null;
    this.reason = null;
    this.name = work.future.name;
    // The error is the future's, which knows whether somebody takes notice.
    this.flags |= OBSERVED;
    work.runner = this;
  }

  override start(): void {
    const start = (): void => super.start();
    if (this.origin === null) runAs(this, start);
    else this.origin.runInAsyncScope(() => runAs(this, start));
  }

  override begin(): unknown {
    this.pool.begins(this);
    return super.begin();
  }

  override finished(failed: boolean, outcome: unknown): void {
    this.pool.ends(this, failed, outcome);
    super.finished(failed, outcome);
  }

  override get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.reason !== null) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  get cancelled(): boolean {
    return this.reason !== null;
  }

  throwIfCancelled(): void {
    if (this.reason !== null) throw this.reason;
  }

  emit(event: unknown): void {
    this.work.future.emit(event);
  }

  /** Aborts its signal and throws into it; a second time, only throws. In the hub only. */
  stop(reason: Error): void {
    if (this.reason === null) {
      this.reason = reason;
      this.controller?.abort(reason);
    }
    // Code that catches everything lets an exit pass (`isInterrupt`); the reason is what the future tells.
    this.kill(new GreenletExit(reason.message), { block: false });
  }
}
