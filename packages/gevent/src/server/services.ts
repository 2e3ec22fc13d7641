import type { Coroutine } from '@switchyard/hub';
import { type Event, Milestone } from '../event.ts';
import { type Greenlet, spawn } from '../greenlet.ts';
import { Handler, type Job } from './handler.ts';
import type { Spawner } from './spawner.ts';

/** What is being served. @internal */
export interface Service extends Job {
  /** Takes away what the handler works with, when it cannot be killed. */
  cut(): void;
}

/** The handlers that run, and the end of them. @internal */
export class Services {
  /** Set when it has been closed and nothing is left. */
  readonly gone: Event;
  private readonly who: string;
  private readonly spawner: Spawner;
  private readonly running: Map<Service, Greenlet<unknown> | null>;
  /** What has to end besides the handlers. */
  private others: number;
  private closed: boolean;

  constructor(who: string, spawner: Spawner) {
    this.who = who;
    this.spawner = spawner;
    this.gone = new Milestone(`${who}.stop`);
    this.running = new Map();
    this.others = 0;
    this.closed = false;
  }

  /** How many handlers run, or wait for room. */
  get size(): number {
    return this.running.size;
  }

  /** Starts a handler, waiting for room if need be. */
  *start(service: Service): Coroutine<void> {
    const { pool, now } = this.spawner;
    if (now !== null) {
      this.running.set(service, null);
      const greenlet = now(service);
      // It may have been over as soon as it was started.
      if (greenlet !== null && this.running.has(service)) this.running.set(service, greenlet);
      return;
    }
    const handler = new Handler(service);
    this.running.set(service, handler);
    try {
      yield* pool!.start(handler);
    } catch (error) {
      // It will never run, and what it was to serve has to hear of that.
      handler.kill({ block: false });
      throw error;
    }
  }

  /** Waits for room, without taking it. */
  *room(): Coroutine<void> {
    const { pool } = this.spawner;
    if (pool !== null && pool.full()) yield* pool.waitAvailable();
  }

  /** Kills one, if it can be killed; nothing happens when it has ended. */
  kill(service: Service): void {
    this.running.get(service)?.kill({ block: false });
  }

  /** A handler has ended. */
  ended(service: Service): void {
    this.running.delete(service);
    this.check();
  }

  /** Something else has to end besides them. */
  hold(): void {
    this.others++;
  }

  /** It has ended. */
  release(): void {
    this.others--;
    this.check();
  }

  /** There will be no more. */
  close(): void {
    this.closed = true;
    this.check();
  }

  /** Kills those that are left when the time is up, in ms; -1 for never. To be called when it has been closed. */
  killIn(limit: number): void {
    if (limit < 0 || this.gone.ready()) return;
    const killer = spawn(() => this.killAfter(limit));
    killer.name = `${this.who}.stop`;
  }

  private *killAfter(limit: number): Coroutine<void> {
    if (limit > 0 && (yield* this.gone.wait({ timeout: limit }))) return;
    for (const [service, greenlet] of this.running) {
      if (greenlet === null) service.cut();
      else greenlet.kill({ block: false });
    }
  }

  private check(): void {
    if (this.closed && this.others === 0 && this.running.size === 0) this.gone.set();
  }
}
