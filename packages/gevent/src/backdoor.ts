import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { REPLServer } from 'node:repl';
import { getcurrent } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { getHub, sleep, until, type Waitable } from '@switchyard/hub';
import { Block } from '@switchyard/hub/core';
import { spawn } from './greenlet.ts';
import { kill } from './killall.ts';
import { formatRunInfo, printRunInfo } from './run-info.ts';

/** What a `BackdoorServer` takes. */
export interface BackdoorOptions {
  /** Where to listen; a free port when left out. */
  port?: number;
  /** `127.0.0.1` when left out. */
  host?: string;
  /** Said at the beginning of each session. */
  banner?: string;
  /** Names that each session has, besides those that all have. */
  locals?: Readonly<Record<string, unknown>>;
  /** Whether a host other than the loopback is allowed. Whoever can connect can do anything that the process can. */
  allowRemote?: boolean;
  /** Whether the server and its sessions leave the process free to end. */
  unref?: boolean;
}

/**
 * Lets you look into a running program: `nc 127.0.0.1 port` gives a JavaScript prompt in it. A session has `hub`, `spawn`,
 * `sleep`, `kill`, `getcurrent`, `formatRunInfo`, `printRunInfo` and your `locals`; `await` works. Each session has
 * variables of its own. Its errors, and its end, concern nobody else; `.exit` ends it.
 *
 * ```ts
 * const backdoor = new BackdoorServer({ port: 5001, locals: { pool } });
 * yield* backdoor.start();
 * ```
 *
 * Python: `gevent.backdoor.BackdoorServer`.
 */
export class BackdoorServer {
  private readonly options: BackdoorOptions;
  private readonly sessions: Map<Socket, REPLServer>;
  private server: Server | null;
  private listens: Promise<void> | null;

  /** @throws TypeError when an option cannot be used, or `host` is none of the loopback without `allowRemote: true` */
  constructor(options: BackdoorOptions = {}) {
    const { port = 0, host = '127.0.0.1', locals = {} } = options;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new TypeError(`Expected a port from 0 to 65535 for a BackdoorServer, got ${show(port)}`);
    }
    if (locals === null || typeof locals !== 'object') {
      throw new TypeError(`Expected an object as the locals of a BackdoorServer, got ${show(locals)}`);
    }
    if (options.allowRemote !== true && !isLoopback(host)) {
      throw new TypeError(
        `Expected a loopback address such as 127.0.0.1 as the host of a BackdoorServer, got ${show(host)}: ` +
          'whoever connects can do anything that the process can; write { allowRemote: true } if that is what you want',
      );
    }
    this.options = options;
    this.sessions = new Map();
    this.server = null;
    this.listens = null;
  }

  /** Where it listens, or null. */
  get address(): AddressInfo | null {
    return (this.server?.address() ?? null) as AddressInfo | null;
  }

  /** The port that it listens on, or null. */
  get port(): number | null {
    return this.address?.port ?? null;
  }

  /** How many sessions are open. */
  get size(): number {
    return this.sessions.size;
  }

  /**
   * Starts to listen; waits until it does. Nothing happens when it does already.
   *
   * @returns where it listens
   * @throws the system's error, such as one with the code `EADDRINUSE`
   */
  start(): Waitable<AddressInfo> {
    return new Block<AddressInfo>(
      'BackdoorServer.start',
      function* (this: BackdoorServer) {
        this.listens ??= this.listen();
        yield* until(this.listens);
        return this.address as AddressInfo;
      }.bind(this),
    );
  }

  /** Stops listening and ends all sessions; waits until that is done. Nothing happens when it does not listen. */
  stop(): Waitable<void> {
    return new Block<void>(
      'BackdoorServer.stop',
      function* (this: BackdoorServer) {
        const { server } = this;
        if (server === null) return;
        this.server = null;
        this.listens = null;
        const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
        for (const [socket, repl] of this.sessions) {
          repl.close();
          socket.destroy();
        }
        yield* until(closed);
      }.bind(this),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1', unref } = this.options;
    const server = createServer((socket) => this.open(socket));
    this.server = server;
    if (unref === true) server.unref();
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      server.on('error', () => {});
    } catch (error) {
      this.server = null;
      this.listens = null;
      throw error;
    }
  }

  private open(socket: Socket): void {
    const { banner, locals, unref } = this.options;
    if (unref === true) socket.unref();
    // One who goes away in the middle of an answer is no news.
    socket.on('error', () => socket.destroy());
    if (banner !== undefined) socket.write(banner.endsWith('\n') ? banner : `${banner}\n`);
    // Loading it costs more than all the rest, and has effects on the whole process.
    const repl = process
      .getBuiltinModule('node:repl')
      .start({ prompt: '>>> ', input: socket, output: socket, terminal: false, ignoreUndefined: true });
    // It hears of the socket's errors as well.
    repl.on('error', () => {});
    this.sessions.set(socket, repl);
    const print = (): void => printRunInfo(socket);
    const names = { hub: getHub(), spawn, sleep, kill, getcurrent, formatRunInfo, printRunInfo: print };
    Object.assign(repl.context, names, locals);
    repl.once('exit', () => socket.end());
    socket.once('close', () => {
      this.sessions.delete(socket);
      repl.close();
    });
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
