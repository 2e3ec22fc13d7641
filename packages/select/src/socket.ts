import { type Server, Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, Server as TlsServer, type TlsOptions, TLSSocket } from 'node:tls';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { type Address, addressOf, boundTo, checkAddress } from './address.ts';
import type { Carrier } from './carrier.ts';
import {
  AF_INET6,
  AF_UNIX,
  type AddressFamily,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_STREAM,
} from './constants.ts';
import { dial, READS } from './dial.ts';
import { fromNode, osError, wouldBlock } from './errors.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from './events.ts';
import { type Host, Listener, makeServer } from './listener.ts';
import { Listening } from './listening.ts';
import { getOption, setOption } from './socket-options.ts';
import { startTls } from './start-tls.ts';
import { CONNECTED, CONNECTING, FRESH, LISTENING, StreamSocket } from './stream.ts';
import { wake } from './wake.ts';

/** How many connections wait to be accepted unless `listen` is told otherwise. */
const BACKLOG = 4096;

/**
 * A socket for a connection: TCP, Unix, or TLS by way of `wrapSocket`. None of its methods ever waits: what would have to
 * throws `BlockingIOError`, and its `try` form returns null. To wait, watch it with a selector, an epoll, a poll or
 * `select`; or use `sockRecv`, `sockSendall`, `sockAccept` and `sockConnect`, which are waitables.
 *
 * Python: `socket.socket` with `setblocking(False)`.
 */
export class Socket extends StreamSocket implements Host {
  readonly family: AddressFamily;

  /** @internal */
  constructor(family: AddressFamily) {
    super(POLLOUT | POLLHUP);
    this.family = family;
  }

  get type(): typeof SOCK_STREAM {
    return SOCK_STREAM;
  }

  /**
   * Chooses the address to listen at, or to connect from: `['127.0.0.1', 8000]`, with port 0 for one that is free, or the
   * path of a Unix socket. Node takes it when the socket listens or connects: an address that cannot be had is told of then.
   *
   * @throws TypeError for another shape; OSError with `EINVAL` when it has an address already
   */
  bind(address: Address): void {
    this.checkOpen('bind');
    const checked = checkAddress(address, this.family, 'bind');
    if (this.state !== FRESH || this.planned().address !== null) {
      throw osError('EINVAL', `bind of a ${this.describe()} that has an address already`);
    }
    this.planned().address = checked;
  }

  /**
   * Listens for connections, from now on.
   *
   * @param backlog how many connections may wait to be accepted; those beyond that, and beyond 128, are reset
   * @returns to be waited for, where `getsockname()` is asked for: it listens; or the error why it cannot
   * @throws OSError with `EINVAL` when it is connected; RangeError for another backlog
   */
  listen(backlog: number = BACKLOG): Waitable<void> {
    this.checkOpen('listen');
    if (!Number.isInteger(backlog))
      throw new RangeError(`Expected a whole number as backlog, got ${show(backlog)}`);
    if (this.state === LISTENING) return new Listening(this);
    if (this.state !== FRESH) throw osError('EINVAL', `listen on a ${this.describe()} that has a connection`);
    const { address, tls } = this.planned();
    const server = makeServer(tls);
    this.serve(server, true, backlog);
    if (typeof address === 'string') server.listen({ path: address, backlog });
    else {
      const any = this.family === AF_INET6 ? '::' : '0.0.0.0';
      const [host, port] = address ?? ['', 0];
      server.listen({ host: host === '' ? any : host, port, backlog, ipv6Only: this.family === AF_INET6 });
    }
    return new Listening(this);
  }

  /**
   * Takes the next connection.
   *
   * @returns its socket, and the address of the peer
   * @throws BlockingIOError when there is none yet; OSError with `EINVAL` when this does not listen
   */
  accept(): [connection: Socket, address: Address] {
    const next = this.tryAccept();
    if (next === null) throw wouldBlock('EAGAIN', 'accept: no connection yet');
    return next;
  }

  /** As `accept`, but null when there is none yet. */
  tryAccept(): [connection: Socket, address: Address] | null {
    this.checkOpen('accept');
    const error = this.listener !== null || this.state === FRESH ? this.takeError() : null;
    if (error !== null) throw error;
    const { listener } = this;
    if (listener === null) throw osError('EINVAL', `accept on a ${this.describe()} that does not listen`);
    if (listener.queue.length === 0) {
      this.emptied();
      return null;
    }
    const carrier = listener.queue.shift();
    this.emptied();
    const socket = new Socket(this.family);
    socket.attach(carrier, CONNECTED);
    if (listener.shared) socket.guard();
    socket.flow();
    return [socket, socket.peer()];
  }

  /**
   * Begins to connect: the socket becomes writable when that is done, and readable and writable when it failed;
   * `getsockopt(SOL_SOCKET, SO_ERROR)` tells which.
   *
   * @throws BlockingIOError (`EINPROGRESS`, `EALREADY`), always, as it cannot be done at once; the error of an attempt that
   *   failed; OSError with `EISCONN` when it is connected
   */
  connect(address: Address): void {
    const code = this.begin(address, 'connect');
    if (code === 'EINPROGRESS' || code === 'EALREADY') {
      throw wouldBlock(code, `connect to ${show(String(address))} goes on`);
    }
    if (code !== null)
      throw this.takeError() ?? osError(code, `connect on a ${this.describe()} that is connected`);
  }

  /** As `connect`, but returns the number of the error: 0 when it is connected, `EINPROGRESS` and so on. */
  connectEx(address: Address): number {
    const code = this.begin(address, 'connectEx');
    return code === null ? 0 : (this.takeError() ?? osError(code, 'connectEx')).errno;
  }

  /**
   * Ends a direction: `SHUT_WR` lets the peer hear of the end when it has received all, `SHUT_RD` drops what still comes.
   *
   * @throws OSError with `ENOTCONN` when it is not connected; RangeError for another direction
   */
  shutdown(how: number): void {
    this.checkOpen('shutdown');
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
      throw new RangeError(`Expected SHUT_RD, SHUT_WR or SHUT_RDWR for shutdown, got ${show(how)}`);
    }
    if (this.state !== CONNECTED) {
      throw osError('ENOTCONN', `shutdown of a ${this.describe()} that is not connected`);
    }
    if (how !== SHUT_WR) this.endReceiving();
    if (how !== SHUT_RD) this.endSending();
  }

  /**
   * Closes it: what was sent still arrives; what has come and not been received is lost, and the peer hears of that as a
   * reset. It leaves all that watch it, and those who wait for it get `EBADF`. A second time does nothing.
   */
  close(): void {
    if (this.closed) return;
    this.retire();
    this.release();
    this.listener?.close();
  }

  /** So that `using socket = ...` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The address of this side.
   *
   * @throws OSError with `EINVAL` while the port has not been chosen yet: wait for `listen()`
   */
  getsockname(): Address {
    this.checkOpen('getsockname');
    const bound = this.listener === null ? null : boundTo(this.listener.server.address());
    if (bound !== null) return bound;
    const { carrier } = this;
    if (carrier instanceof NetSocket && carrier.localAddress !== undefined) {
      return addressOf(carrier.localAddress, carrier.localPort);
    }
    const planned = this.plan?.address ?? null;
    if (planned === null)
      return this.family === AF_UNIX ? '' : addressOf(this.family === AF_INET6 ? '::' : '0.0.0.0', 0);
    if (typeof planned !== 'string' && planned[1] === 0) {
      throw osError(
        'EINVAL',
        'getsockname before the port has been chosen: wait for listen() or sockConnect() first',
      );
    }
    return planned;
  }

  /** The address of the peer. @throws OSError with `ENOTCONN` when it is not connected */
  getpeername(): Address {
    this.checkOpen('getpeername');
    if (this.state !== CONNECTED || this.carrier?.destroyed !== false) {
      throw osError('ENOTCONN', `getpeername of a ${this.describe()} that is not connected`);
    }
    return this.peer();
  }

  /** Sets an option, as `setsockopt(IPPROTO_TCP, TCP_NODELAY, 0)`. @throws OSError with `ENOPROTOOPT` for one that Node does not have */
  setsockopt(level: number, option: number, value: number): void {
    this.checkOpen('setsockopt');
    setOption(this, level, option, value);
  }

  /** The value of an option; `SO_ERROR` takes the error. @throws as `setsockopt` */
  getsockopt(level: number, option: number): number {
    this.checkOpen('getsockopt');
    return getOption(this, level, option);
  }

  /**
   * Sets how long `sockRecv` and the like wait at most, in ms; null, as it is to begin with, for no limit. The methods of the
   * socket never wait.
   */
  settimeout(ms: number | null): void {
    if (ms !== null && (typeof ms !== 'number' || !(ms >= 0))) {
      throw new RangeError(`Expected milliseconds from 0 up, or null, for settimeout, got ${show(ms)}`);
    }
    const limit = ms === Infinity ? null : ms;
    if (limit !== this.gettimeout()) this.planned().timeout = limit;
  }

  /** What `settimeout` has set. */
  gettimeout(): number | null {
    return this.plan === null ? null : this.plan.timeout;
  }

  /** `true` is `settimeout(null)`, `false` is `settimeout(0)`. */
  setblocking(flag: boolean): void {
    this.settimeout(flag ? null : 0);
  }

  /** @internal */
  override describe(): string {
    return this.closed ? 'socket' : `socket ${this.fileno()}`;
  }

  /** @internal */
  arrived(): void {
    if (!this.closed) this.edge(POLLIN);
  }

  /** @internal */
  listening(): void {
    // It has been closed before Node could begin to listen.
    if (this.closed) this.listener?.close();
    else wake(this);
  }

  /** @internal */
  override fail(error: Parameters<StreamSocket['fail']>[0]): void {
    if (this.closed) return;
    const { listener } = this;
    if (listener !== null) {
      this.error = error;
      if (!listener.server.listening) {
        // It could not be bound, and may be tried again.
        this.planned().listener = null;
        this.state = FRESH;
        this.events = POLLOUT | POLLHUP;
      }
      this.edge(POLLIN | POLLERR);
      return;
    }
    if (this.state === CONNECTING) this.planned().failed = true;
    super.fail(error);
  }

  /** Whether it listens by now. @internal */
  bound(): boolean {
    const { listener } = this;
    if (listener !== null) return listener.server.listening;
    throw (
      this.takeError() ?? osError('EINVAL', `listen on a ${this.describe()} whose address could not be had`)
    );
  }

  /** @internal */
  override takeError(): ReturnType<StreamSocket['takeError']> {
    const error = super.takeError();
    if (error !== null && (this.listener !== null || this.state === FRESH)) this.emptied();
    return error;
  }

  /** Whether the connection is there by now. @throws the error why it is not @internal */
  made(): boolean {
    this.checkOpen('connect');
    const error = this.takeError();
    if (error !== null) throw error;
    return this.state === CONNECTED;
  }

  /** Has TLS spoken, from the start or from now on. @internal */
  encrypt(options: ConnectionOptions & TlsOptions, serverSide = false): void {
    this.checkOpen('wrapSocket');
    if (this.state === FRESH) {
      this.planned().tls = options;
      return;
    }
    const { carrier } = this;
    if (this.state !== CONNECTED || !(carrier instanceof NetSocket) || carrier instanceof TLSSocket) {
      throw osError(
        'EINVAL',
        `wrapSocket of a ${this.describe()} that listens, connects or speaks TLS already: wrap it before that`,
      );
    }
    this.interrupt();
    startTls(carrier, options, serverSide, {
      agreed: (encrypted) => {
        if (this.closed) {
          encrypted.destroy();
          return;
        }
        this.attach(encrypted, CONNECTED);
        this.guard();
        this.flow();
        this.edge(POLLOUT);
      },
      failed: (error) => this.fail(fromNode(error)),
    });
  }

  /** Takes over a connection. @internal */
  adopt(carrier: Duplex): void {
    const connecting = carrier instanceof NetSocket && carrier.connecting;
    this.attach(carrier as Carrier, connecting ? CONNECTING : CONNECTED);
    if (connecting) carrier.once('connect', () => this.connected());
    this.guard();
    this.flow();
  }

  /** Takes over a server. @internal */
  serve(server: Server, own = false, backlog: number = BACKLOG): void {
    this.planned().listener = new Listener(this, server, server instanceof TlsServer, own, backlog);
    this.state = LISTENING;
    this.events = 0;
  }

  /** For options. @internal */
  get wire(): Duplex | null {
    return this.carrier;
  }

  /** @internal */
  get acceptsConnections(): boolean {
    return this.listener !== null;
  }

  private get listener(): Listener | null {
    return this.plan === null ? null : this.plan.listener;
  }

  private emptied(): void {
    if ((this.listener?.queue.length ?? 0) === 0 && this.error === null) this.events &= ~POLLIN;
  }

  private peer(): Address {
    const { carrier } = this;
    return carrier instanceof NetSocket ? addressOf(carrier.remoteAddress, carrier.remotePort) : '';
  }

  // The code of the error that connect has, or null for none.
  private begin(address: Address, verb: string): string | null {
    this.checkOpen(verb);
    const checked = checkAddress(address, this.family, verb);
    if (this.state === CONNECTING) return 'EALREADY';
    if (this.error !== null) return this.error.code;
    if (this.state === LISTENING || (this.state === CONNECTED && this.plan?.failed !== true))
      return 'EISCONN';
    this.open(checked);
    return 'EINPROGRESS';
  }

  private open(address: Address): void {
    const plan = this.planned();
    plan.failed = false;
    this.attach(dial(this, address, plan), CONNECTING);
    if (plan.tls !== null) this.guard();
    if (!READS) this.flow();
  }
}
