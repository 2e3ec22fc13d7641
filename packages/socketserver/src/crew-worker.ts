import { GreenletExit } from '@switchyard/greenlet';
import { howItEnded } from '@switchyard/multiprocessing/core';
import { Call, decodeError, type Exit } from '@switchyard/remote/core';
import { WorkerError } from './errors.ts';
import type { Handed } from './handed.ts';
import { ARGUMENTS } from './serve-requests.ts';
import type { Way } from './way.ts';
import { DONE, type FromWorker, READY, TAKEN } from './wire.ts';

/** One that is told to end may take so long for it, in ms: what a handler has left behind may keep it busy. */
const LAST_WORDS = 2000;

/** What a worker tells the crew that it belongs to. */
export interface WorkerOwner {
  /** It is up. */
  ready(worker: CrewWorker): void;
  /** The handler of a connection has ended; with an error, if there was one. */
  finished(handed: Handed, failure: { readonly error: unknown } | null): void;
  /** It has ended, and is no use any more. These it had not begun with; the others have been told. */
  gone(worker: CrewWorker, error: unknown, returned: Handed[]): void;
}

/** A thread or process of a server, which handles the connections that it is given. It is one call of one task. @internal */
export class CrewWorker extends Call {
  readonly name: string;
  readonly way: Way;
  /** Those that it has. */
  readonly connections: Map<number, Handed>;
  /** Whether it can be given any. */
  up: boolean;
  /** Whether it has ever been up. */
  cameUp: boolean;
  /** Whether it is to end: then its end is no news. */
  leaving: boolean;
  private readonly crew: WorkerOwner;
  /** Whether the program lives on for it. */
  private held: boolean;
  private over: boolean;

  constructor(crew: WorkerOwner, name: string, way: Way, args: readonly unknown[]) {
    super(way.target, [...args, ...way.args], 0, name);
    this.crew = crew;
    this.name = name;
    this.way = way;
    this.connections = new Map();
    this.up = false;
    this.cameUp = false;
    this.leaving = false;
    this.held = true;
    this.over = false;
  }

  /** Gives it a connection. */
  give(handed: Handed): void {
    this.connections.set(handed.id, handed);
    this.hold();
    this.way.give(handed);
  }

  /** Has it end its handlers. */
  killAll(): void {
    for (const id of this.connections.keys()) this.way.kill(id);
  }

  /** Has it end, as it has nothing to do. */
  dismiss(): void {
    this.leaving = true;
    if (!this.up) {
      // It has nothing that it could bring to its end.
      this.way.force();
      return;
    }
    this.hold();
    this.way.peer.cancel(this, new GreenletExit('the server has been closed'));
    setTimeout(() => {
      if (!this.over) this.way.force();
    }, LAST_WORDS).unref();
  }

  /** What it has told. */
  hear(news: FromWorker): void {
    const [kind, id = -1] = news as readonly [number, number?];
    if (kind === READY) {
      this.up = true;
      this.cameUp = true;
      this.hold();
      this.crew.ready(this);
      return;
    }
    const handed = this.connections.get(id);
    if (handed === undefined) return;
    if (kind === TAKEN) {
      handed.taken = true;
      // It has one of its own now.
      if (this.way.returns) handed.socket.destroy();
      return;
    }
    if (kind !== DONE) return;
    this.connections.delete(id);
    this.way.forget(id);
    this.hold();
    const failure = news[2] as Parameters<typeof decodeError>[0] | undefined;
    this.crew.finished(handed, failure === undefined ? null : { error: decodeError(failure) });
  }

  override argumentNames(): readonly string[] {
    return ARGUMENTS;
  }

  override event(news: unknown): void {
    this.hear(news as FromWorker);
  }

  override settled(failed: boolean, outcome: unknown): void {
    this.ended(failed ? outcome : new WorkerError(`${this.name} has ended`));
  }

  override lost(exit: Exit): void {
    const cause = exit.error == null ? {} : { cause: exit.error };
    this.ended(new WorkerError(`${this.name} ${howItEnded(exit)}`, cause));
  }

  private hold(): void {
    const on = !this.up || this.leaving || this.connections.size > 0;
    if (on === this.held) return;
    this.held = on;
    const { runtime } = this.way.peer;
    if (on) runtime.ref();
    else runtime.unref();
  }

  private ended(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.up = false;
    const returned: Handed[] = [];
    for (const handed of this.connections.values()) {
      if (this.way.returns && !handed.taken && !this.leaving) {
        returned.push(handed);
        continue;
      }
      if (handed.relay !== null) handed.relay.cut();
      else handed.socket.destroy();
      this.crew.finished(handed, this.leaving ? null : { error });
    }
    this.connections.clear();
    this.crew.gone(this, error, returned);
  }
}
