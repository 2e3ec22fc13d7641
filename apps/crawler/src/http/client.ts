import type { Coroutine } from '@switchyard/gevent';
import { DefaultSelector, EVENT_READ, type Socket } from '@switchyard/select';
import type { Arrival } from '../fetch/arrival.ts';
import { AddressGuard } from '../fetch/guard.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { Job, JobKind } from '../job.ts';
import type { Failure } from '../outcome.ts';
import { Connections } from './connections.ts';
import { Deadlines } from './deadlines.ts';
import { Exchange } from './exchange.ts';
import type { Loop, Watcher } from './loop.ts';
import { RequestHeads } from './request-head.ts';
import { Wakeup } from './wakeup.ts';

/** How long the loop goes on with what is ready before others have their turn, in milliseconds. */
const SLICE = 10;

/** Told what came back for a job, or why nothing did. Called in the loop. */
export type Ended = (job: Job, result: Arrival | Failure) => void;

/**
 * An HTTP/1.1 client in one loop over a selector: everything that happens to any of its connections is dealt with there, one
 * after the other, and nothing but the select waits.
 */
export class Client implements Loop {
  readonly settings: FetchSettings;
  readonly guard: AddressGuard;
  readonly deadlines = new Deadlines();
  readonly connections = new Connections(this.deadlines);
  readonly #selector = new DefaultSelector<Watcher>();
  readonly #wakeup = new Wakeup();
  readonly #ended: Ended;
  readonly #heads = new Map<JobKind, RequestHeads>();
  /** Those that have a connection or wait for one, also when the body that still comes is of no interest. */
  readonly #exchanges = new Set<Exchange>();
  #underWay = 0;
  #results: [Exchange, Arrival | Failure][] = [];
  #posted: (() => void)[] = [];
  #selecting = false;
  #closed = false;

  constructor(settings: FetchSettings, ended: Ended) {
    this.settings = settings;
    this.guard = new AddressGuard(settings);
    this.#ended = ended;
    this.#selector.register(this.#wakeup.socket, EVENT_READ, { ready: () => this.#wakeup.clear() });
  }

  /** How many jobs have been started and not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Fetches what a job says, once, without following redirects, in the turns to come. */
  start(job: Job): void {
    const exchange = new Exchange(this, job);
    this.#underWay++;
    this.#exchanges.add(exchange);
    exchange.start();
  }

  /** One turn of the loop: waits until something happens, and deals with it. */
  *turn(): Coroutine {
    // What ended at its start makes room for another.
    const busy = this.#results.length > 0 || this.#posted.length > 0;
    this.#handIn();
    const { next } = this.deadlines;
    const limit = busy ? 0 : next === Infinity ? null : Math.max(0, next - performance.now());
    this.#selecting = true;
    let ready;
    try {
      ready = yield* this.#selector.select(limit);
    } finally {
      this.#selecting = false;
    }
    const posted = this.#posted;
    this.#posted = [];
    for (const callback of posted) callback();
    this.#handIn();
    const until = performance.now() + SLICE;
    for (const [{ data }, events] of ready) {
      data.ready(events);
      this.#handIn();
      // The others are ready in the next turn as well.
      if (performance.now() > until) break;
    }
    this.deadlines.fire(performance.now());
    this.#handIn();
  }

  /** Has the turn that waits end, for something that its caller knows. */
  wake(): void {
    if (this.#selecting) this.#wakeup.ring();
  }

  /** Gives everything up and closes all connections. */
  close(): void {
    this.#closed = true;
    for (const exchange of this.#exchanges) exchange.stop();
    this.connections.close();
    this.#selector.close();
    this.#wakeup.close();
  }

  watch(socket: Socket, events: number, watcher: Watcher): void {
    this.#selector.register(socket, events, watcher);
  }

  rewatch(socket: Socket, events: number, watcher: Watcher): void {
    this.#selector.modify(socket, events, watcher);
  }

  drop(socket: Socket): void {
    // One that was never watched was not made.
    if (!socket.closed) {
      if (this.#selector.getMap()?.has(socket.fileno()) === true) this.#selector.unregister(socket);
      socket.close();
    }
  }

  post(callback: () => void): void {
    if (this.#closed) return;
    this.#posted.push(callback);
    this.wake();
  }

  /** What the requests of such jobs have in common. @throws TypeError for a header that cannot be sent */
  headOf(kind: JobKind): RequestHeads {
    let heads = this.#heads.get(kind);
    if (heads === undefined) this.#heads.set(kind, (heads = new RequestHeads(this.settings, kind)));
    return heads;
  }

  /** An exchange has come to its end, as far as the job goes. */
  ended(exchange: Exchange, result: Arrival | Failure): void {
    this.#results.push([exchange, result]);
  }

  /** An exchange holds nothing any more. */
  left(exchange: Exchange): void {
    this.#exchanges.delete(exchange);
  }

  // Not where a result comes up: that may be in the middle of the parser.
  #handIn(): void {
    while (this.#results.length > 0) {
      const results = this.#results;
      this.#results = [];
      for (const [{ job }, result] of results) {
        this.#underWay--;
        this.#ended(job, result);
      }
    }
  }
}
