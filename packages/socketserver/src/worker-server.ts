import type { Socket as NetSocket } from 'node:net';
import { availableParallelism } from 'node:os';
import { show } from '@switchyard/greenlet/scheduler';
import { spawnRaw } from '@switchyard/gevent';
import type { Coroutine, Waitable } from '@switchyard/hub';
import { Block, hub } from '@switchyard/hub/core';
import { TaskError } from '@switchyard/remote';
import { referenceOf } from '@switchyard/remote/core';
import type { Address } from '@switchyard/select';
import { Crew, type CrewOwner } from './crew.ts';
import type { Settings } from './desk.ts';
import type { Hook } from './hook.ts';
import type { HandlerClass } from './request-handler.ts';
import { type StreamServerOptions, TCPServer } from './tcp-server.ts';
import type { Hear, Way } from './way.ts';

/** What servers with threads or processes take. */
export interface WorkerServerOptions extends StreamServerOptions {
  /** How many threads or processes handle connections: as many as the machine has cores when left out. */
  maxChildren?: number | undefined;
}

/**
 * What servers have in common that have their connections handled elsewhere. A request is the connection of `node:net`, of
 * which nothing has been read; the handler gets a socket over there, where it is also ended: `finishRequest` is not called, nor
 * is `shutdownRequest` for what has been handed over.
 */
export abstract class WorkerServer extends TCPServer<NetSocket> {
  /** How many threads or processes handle connections. */
  maxChildren: number;
  private crew: Crew | null;

  /**
   * @param Handler a class that is known by name: `register(import.meta, Echo)`
   * @throws as for a `TCPServer`; TaskError for a class that is not registered
   */
  constructor(address: Address, Handler: HandlerClass, options: WorkerServerOptions = {}) {
    super(address, Handler, { ...options, bindAndActivate: false });
    const who = new.target.name;
    const { maxChildren = availableParallelism() } = options;
    if (!Number.isInteger(maxChildren) || maxChildren < 1) {
      throw new RangeError(
        `Expected a whole number from 1 up as the maxChildren of ${who}, got ${show(maxChildren)}`,
      );
    }
    if (referenceOf(Handler) === undefined) {
      const { name } = Handler;
      throw new TaskError(
        `${who} needs a class that another thread or process can find by name, got ${show(Handler)}. Write at the top level ` +
          `of its module:\n  register(import.meta, ${name})`,
      );
    }
    this.maxChildren = maxChildren;
    this.crew = null;
    this.beginUnless(options);
  }

  override *serverActivate(): Coroutine {
    const settings: Settings = {
      serverAddress: this.serverAddress,
      shared: this.shared,
      tls: this.spokenHere ? null : this.tls,
    };
    const owner: CrewOwner = {
      workerName: this.constructor.name,
      workerArgs: [this.RequestHandlerClass, settings],
      openWay: (name, hear) => this.openWay(name, hear),
      requestFailed: (socket, clientAddress, error) => {
        spawnRaw(() => this.failed(socket, clientAddress, error));
      },
      workerFailed: (name, error) => {
        hub.reports.report(error, null, `${name} of ${this.title} could not be started`);
      },
    };
    this.crew = new Crew(owner, this.maxChildren);
    yield* this.crew.start();
  }

  override getRequest(): Hook<readonly [request: NetSocket, clientAddress: Address] | null> {
    return this.socket?.tryAccept() ?? null;
  }

  override processRequest(request: NetSocket, clientAddress: Address): Hook<void> {
    this.crew?.give(request, clientAddress);
  }

  override serverClose(): Waitable<void> {
    const closed = super.serverClose();
    const { crew } = this;
    if (crew === null) return closed;
    crew.retire();
    if (!this.blockOnClose) return closed;
    return new Block(`${this.constructor.name}.serverClose`, function* (): Coroutine {
      yield* closed;
      yield* crew.away.wait();
    });
  }

  /** Starts a thread or process. @internal */
  protected abstract openWay(name: string, hear: Hear): Way;

  /** @internal */
  protected override *drain(limit: number): Coroutine {
    if (this.crew !== null) yield* this.crew.drain(limit);
  }
}
