import { hub } from '@switchyard/hub/core';
import {
  Call,
  CHUNK,
  type ChunkResult,
  decodeError,
  type Exit,
  holdsMoves,
  TELL,
} from '@switchyard/remote/core';
import type { Work } from './executor-work.ts';
import type { Chunk } from './map-results-chunk.ts';
import type { Host, HostKind, HostTenant } from './worker-host.ts';

/** A task that nobody wants may run so long, in ms, when it begins all the same. */
const UNWANTED = 100;

/** What a worker tells the pool that it belongs to. */
export interface WorkerOwner {
  /** A worker has come to it. */
  reached(work: Work): void;
  /** It begins to run: its time counts from `now` on, by the hub's clock. */
  begins(work: Work, now: number): void;
  ends(work: Work, failed: boolean, outcome: unknown): void;
  /** It is not going to run there, as it was asked back. */
  returned(work: Work): void;
  /** A call has ended: there is room. */
  freed(worker: PoolWorker): void;
  /** It died while it ran this, or when that could not be given to another any more. */
  died(work: Work, worker: PoolWorker, exit: Exit, begun: boolean): void;
  /** It has ended; these it had not begun. */
  gone(worker: PoolWorker, exit: Exit, returned: Work[]): void;
}

/** One worker of a pool. @internal */
export class PoolWorker implements HostTenant {
  readonly name: string;
  readonly host: Host;
  readonly kind: HostKind;
  /** Whether it may be given tasks: not before its first call has ended. */
  ready: boolean;
  /** It is given nothing more, and ended when it has nothing to do. */
  retiring: boolean;
  /** How many tasks it has been given. */
  given: number;
  /** Whether it has nothing to do. */
  resting: boolean;
  /** Whether its memory is being looked at. */
  probing: boolean;
  /** When that was done last. */
  probedAt: number;
  /** Whether something that it ran has been told of its end. */
  struck: boolean;
  private readonly pool: WorkerOwner;
  private readonly returned: Work[];
  /** Whether the process lives on for it. */
  private held: boolean;
  /** What stood before the tasks that were asked back last. */
  private obstacle: Call | null;

  constructor(pool: WorkerOwner, name: string, kind: HostKind) {
    this.pool = pool;
    this.name = name;
    this.kind = kind;
    this.ready = true;
    this.retiring = false;
    this.given = 0;
    this.resting = false;
    this.probing = false;
    this.probedAt = 0;
    this.struck = false;
    this.held = false;
    this.obstacle = null;
    this.returned = [];
    this.host = kind.start(this, name);
    this.host.peer.runtime.unref();
  }

  /** What messages call it. */
  get title(): string {
    return this.kind.hasPid ? `${this.name} (pid ${this.host.peer.runtime.id})` : this.name;
  }

  /** How many tasks it has that have not ended; while it is not ready, its first call counts as one. */
  get load(): number {
    const { length } = this.host.peer.calls;
    return this.probing ? length - 1 : length;
  }

  /** The first of its calls: the one that runs. */
  get first(): Call | null {
    return this.host.peer.calls[0] ?? null;
  }

  /** Whether the first of its calls takes so long that the others were asked back. */
  get stuck(): boolean {
    return this.obstacle !== null && this.obstacle === this.first;
  }

  /** When the task that runs began, by the hub's clock; -1 when that is not known. */
  get since(): number {
    const { first } = this;
    return first instanceof PoolCall ? first.work.startedAt : -1;
  }

  /** Gives it a task. @throws CloneError when an argument cannot be sent; it has not been given then */
  give(work: Work, chunk: boolean, limited: boolean): void {
    const { peer } = this.host;
    const cold = !peer.knows(work.target as object);
    const flags = (chunk ? CHUNK : 0) | (limited || cold ? TELL : 0);
    const call = new PoolCall(this, this.pool, work, flags);
    const idle = peer.calls.length === 0;
    // It may well have ended before the call that sends it returns.
    const now = hub.now();
    peer.push(call);
    this.given++;
    hub.outside++;
    work.runner = call;
    this.hold(true);
    if (idle) call.reached(now);
  }

  /** Has it do something for the pool itself. */
  run(call: Call): void {
    this.hold(true);
    this.host.peer.push(call);
  }

  /** Takes back the oldest task that waits behind another, for somebody else to run. */
  takeBackWaiting(): Work | null {
    const { calls } = this.host.peer;
    for (let at = 1; at < calls.length; at++) {
      const call = calls[at];
      if (call instanceof PoolCall && !call.moves && this.takeBack(call)) return call.work;
    }
    return null;
  }

  /** Takes back what stands behind this one, for somebody else to run. */
  takeBackBehind(call: PoolCall): Work[] {
    const others = this.behind(call).filter((other) => !other.moves);
    return others.flatMap((other) => (this.takeBack(other) ? [other.work] : []));
  }

  /** The tasks that stand behind this one; with null all. */
  behind(call: PoolCall | null): PoolCall[] {
    const { calls } = this.host.peer;
    const from = call === null ? 0 : calls.indexOf(call) + 1;
    return calls.slice(from).filter((other) => other instanceof PoolCall);
  }

  /** Takes back a task, if it has not begun. */
  takeBack(call: PoolCall): boolean {
    if (!this.host.peer.takeBack(call)) return false;
    hub.outside--;
    this.given--;
    return true;
  }

  /** Asks for everything back that waits behind the first, where `takeBack` cannot have it. */
  recall(): void {
    this.obstacle = this.first;
    for (const call of this.behind(null)) if (call !== this.obstacle) call.recall();
  }

  /** Ends it by force, and with it the task that it runs. */
  kill(): void {
    this.retiring = true;
    this.host.kill();
  }

  returns(work: Work): void {
    this.returned.push(work);
  }

  /** Has nothing to do: the process need not live for it. */
  rests(): void {
    this.resting = true;
    this.hold(false);
  }

  /** Whether the process is to live on for it. */
  hold(on: boolean): void {
    if (this.held === on) return;
    this.held = on;
    if (on) this.host.peer.runtime.ref();
    else this.host.peer.runtime.unref();
  }

  ended(): void {
    this.advances();
    this.pool.freed(this);
  }

  /** What stood before it is gone: it is the first one's turn. */
  advances(): void {
    const next = this.first;
    if (next instanceof PoolCall) next.reached(hub.now());
  }

  exited(_host: unknown, exit: Exit): void {
    this.pool.gone(this, exit, this.returned);
  }
}

/** A task in a worker of a pool. @internal */
export class PoolCall extends Call {
  readonly work: Work;
  readonly worker: PoolWorker;
  private readonly pool: WorkerOwner;
  /** Whether buffers move with it: nobody else can be given it then. */
  readonly moves: boolean;
  /** Whether it was asked back. */
  private recalled: boolean;

  constructor(worker: PoolWorker, pool: WorkerOwner, work: Work, flags: number) {
    const args = (flags & CHUNK) === 0 ? work.args : (work.args[0] as unknown[]);
    super(work.target as object, args, flags, work.options?.name);
    this.worker = worker;
    this.pool = pool;
    this.work = work;
    this.moves = worker.kind.sharesMemory && holdsMoves(args);
    this.recalled = false;
  }

  /** Nothing stands before it: it begins now, unless it is to tell when that is. */
  reached(now: number): void {
    if (this.work.over) {
      this.endSoon();
      return;
    }
    this.pool.reached(this.work);
    if ((this.flags & TELL) === 0) this.pool.begins(this.work, now);
  }

  /** Asks for it back. */
  recall(): void {
    if (this.recalled || this.work.stopping !== null) return;
    this.recalled = true;
    this.worker.host.peer.askBack(this);
  }

  override started(): void {
    this.pool.begins(this.work, hub.now());
  }

  override settled(failed: boolean, outcome: unknown): void {
    hub.outside--;
    const value = failed || (this.flags & CHUNK) === 0 ? outcome : chunkOf(outcome as ChunkResult);
    this.pool.ends(this.work, failed, value);
  }

  override takenBack(): void {
    hub.outside--;
    this.worker.given--;
    this.pool.returned(this.work);
  }

  override lost(exit: Exit, begun: boolean): void {
    hub.outside--;
    if (!begun && !this.moves) {
      this.worker.returns(this.work);
      return;
    }
    this.worker.struck = true;
    this.pool.died(this.work, this.worker, exit, begun);
  }

  override event(event: unknown): void {
    this.work.future.emit(event);
  }

  /** It was told to stop before it began, and its future has ended: it should not have begun at all. */
  private endSoon(): void {
    const { worker } = this;
    const timer = setTimeout(() => {
      if (worker.first === this) worker.kill();
    }, UNWANTED);
    timer.unref();
  }
}

function chunkOf([values, failure]: ChunkResult): Chunk {
  return { values, failure: failure === undefined ? null : { error: decodeError(failure as never) } };
}
