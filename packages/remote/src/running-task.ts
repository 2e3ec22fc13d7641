import type { TaskContext } from './current-task.ts';

/** What a running task needs of the one that runs it. */
export interface TaskHost {
  emit(id: number, event: unknown): void;
  /** Whether the flag in shared memory says that this task is to stop. */
  flagged(id: number): boolean;
}

/** One run of a task, as the task sees it. @internal */
export class RunningTask implements TaskContext {
  readonly id: number;
  readonly name: string;
  /** Whether it has been told to stop. */
  told: boolean;
  /** Whether it has not started, as its module is being loaded. */
  loading: boolean;
  private readonly host: TaskHost;
  private controller: AbortController | null;
  private reason: unknown;

  constructor(id: number, name: string, host: TaskHost) {
    this.id = id;
    this.name = name;
    this.told = false;
    this.loading = false;
    this.host = host;
    this.controller = null;
    this.reason = undefined;
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      // Where only the flag says so yet, the reason is on its way.
      if (this.told) this.controller.abort(this.why());
    }
    return this.controller.signal;
  }

  get cancelled(): boolean {
    return this.told || this.host.flagged(this.id);
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw this.why();
  }

  emit(event: unknown): void {
    this.host.emit(this.id, event);
  }

  /** Tells it to stop. */
  stop(reason: unknown): void {
    if (this.told) return;
    this.told = true;
    this.reason = reason;
    this.controller?.abort(this.why());
  }

  private why(): unknown {
    return this.reason ?? new DOMException(`the task ${this.name} was cancelled`, 'AbortError');
  }
}
