import type { Socket as NetSocket } from 'node:net';
import { Event } from '@switchyard/gevent';
import { type Coroutine, Waiter } from '@switchyard/hub';
import { Ring } from '@switchyard/hub/core';
import type { Address } from '@switchyard/select';
import { CrewWorker, type WorkerOwner } from './crew-worker.ts';
import { Handed } from './handed.ts';
import { breakOff } from './listening-socket.ts';
import type { Hear, Way } from './way.ts';

/** Killed handlers may take so long for their cleanup, in ms; after that their thread or process is ended. */
const LAST_WORDS = 2500;

/** Whose connections they handle. */
export interface CrewOwner {
  /** What the workers are called, before their number. */
  readonly workerName: string;
  /** What the tasks are given. */
  readonly workerArgs: readonly unknown[];
  /** Starts a thread or a process. */
  openWay(name: string, hear: Hear): Way;
  /** A connection has come to a bad end. */
  requestFailed(socket: NetSocket, clientAddress: Address, error: unknown): void;
  /** One of them could not be started. */
  workerFailed(name: string, error: unknown): void;
}

/**
 * The threads or processes of a server: so many of them, each of which handles many connections, spread by who has the fewest.
 * One that ends takes its own connections along, and another takes its place. @internal
 */
export class Crew implements WorkerOwner {
  /** Set when it has been retired, and nothing is left of it. */
  readonly away: Event;
  private readonly owner: CrewOwner;
  private readonly size: number;
  private readonly workers: Set<CrewWorker>;
  /** Those that nobody can handle at the moment. */
  private readonly waiting: Ring<Handed>;
  /** Set while there is nothing to do. */
  private readonly idle: Event;
  /** Who waits for the workers to be up. */
  private starting: Waiter<void> | null;
  /** Given, or waiting. */
  private active: number;
  private leaving: number;
  private ids: number;
  private named: number;
  private retired: boolean;

  constructor(owner: CrewOwner, size: number) {
    this.owner = owner;
    this.size = size;
    this.workers = new Set();
    this.waiting = new Ring();
    this.away = new Event();
    this.idle = new Event();
    this.idle.set();
    this.starting = null;
    this.active = 0;
    this.leaving = 0;
    this.ids = 0;
    this.named = 0;
    this.retired = false;
  }

  /** Starts all of them, and waits until they are up. @throws the error of one that cannot come up */
  *start(): Coroutine {
    while (this.workers.size < this.size) this.add();
    if ([...this.workers].every(({ up }) => up)) return;
    this.starting = new Waiter<void>();
    try {
      yield* this.starting;
    } finally {
      this.starting = null;
    }
  }

  /** Has a connection handled. */
  give(socket: NetSocket, clientAddress: Address): void {
    if (this.retired) {
      breakOff(socket);
      return;
    }
    this.active++;
    this.idle.clear();
    this.place(new Handed(++this.ids, socket, clientAddress));
  }

  /** Waits until all are handled, and kills the handlers of those that take too long. @param limit ms until then; -1 for never */
  *drain(limit: number): Coroutine {
    if (yield* this.idle.wait(limit < 0 ? {} : { timeout: limit })) return;
    while (this.waiting.length > 0) {
      const handed = this.waiting.shift();
      breakOff(handed.socket);
      this.finished(handed, null);
    }
    for (const worker of this.workers) worker.killAll();
    if (yield* this.idle.wait({ timeout: LAST_WORDS })) return;
    for (const worker of this.workers) {
      if (worker.connections.size === 0) continue;
      worker.leaving = true;
      worker.way.force();
    }
    yield* this.idle.wait();
  }

  /** Has all of them end, as soon as they have nothing to do. */
  retire(): void {
    if (this.retired) return;
    this.retired = true;
    this.check();
  }

  ready(worker: CrewWorker): void {
    for (let left = this.waiting.length; left > 0; left--) this.place(this.waiting.shift());
    if ([...this.workers].every(({ up }) => up) && worker.up) this.starting?.wake();
  }

  finished(handed: Handed, failure: { readonly error: unknown } | null): void {
    if (failure !== null) this.owner.requestFailed(handed.socket, handed.clientAddress, failure.error);
    if (--this.active > 0) return;
    this.idle.set();
    this.check();
  }

  gone(worker: CrewWorker, error: unknown, returned: Handed[]): void {
    this.workers.delete(worker);
    const end = worker.way.release();
    if (end !== null) {
      this.leaving++;
      void end.then(() => {
        this.leaving--;
        this.check();
      });
    }
    for (const handed of returned) this.waiting.push(handed);
    if (this.starting !== null) this.starting.fail(error);
    else if (!this.retired) this.replace(worker, error);
    for (let left = this.waiting.length; left > 0; left--) this.place(this.waiting.shift());
    this.check();
  }

  private add(): CrewWorker {
    const { owner } = this;
    const name = `${owner.workerName}-${++this.named}`;
    let worker: CrewWorker | null = null;
    const way = owner.openWay(name, (news) => worker?.hear(news));
    worker = new CrewWorker(this, name, way, owner.workerArgs);
    this.workers.add(worker);
    try {
      way.peer.push(worker);
    } catch (error) {
      this.workers.delete(worker);
      way.force();
      throw error;
    }
    return worker;
  }

  private replace(worker: CrewWorker, error: unknown): void {
    if (worker.cameUp) {
      this.add();
      return;
    }
    this.owner.workerFailed(worker.name, error);
    if (this.workers.size > 0) return;
    // The next one would not come up either: those that wait for it must not wait for ever.
    while (this.waiting.length > 0) {
      const handed = this.waiting.shift();
      breakOff(handed.socket);
      this.finished(handed, { error });
    }
  }

  private place(handed: Handed): void {
    let best: CrewWorker | null = null;
    for (const worker of this.workers) {
      if (!worker.up || worker.leaving) continue;
      if (best === null || worker.connections.size < best.connections.size) best = worker;
    }
    if (best === null) this.waiting.push(handed);
    else best.give(handed);
    // One could not be started: perhaps it can be now.
    if (this.workers.size < this.size && [...this.workers].every(({ up }) => up)) this.add();
  }

  private check(): void {
    if (!this.retired || this.active > 0) return;
    for (const worker of this.workers) if (!worker.leaving) worker.dismiss();
    if (this.workers.size === 0 && this.leaving === 0) this.away.set();
  }
}
