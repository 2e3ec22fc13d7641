import { Socket as NetSocket } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { checkTimeout, type TimeoutOption, type Wait } from '@switchyard/hub/core';
import {
  type Address,
  type AddressFamily,
  AF_INET,
  fromSocket,
  Socket as Wire,
  sockAccept,
  sockConnect,
  socket as makeWire,
  wrapSocket,
  type WrapOptions,
} from '@switchyard/select';
import { Connect } from './connecting.ts';
import { Inbound, title } from './inbound.ts';
import { Intake } from './intake.ts';
import { type LineOptions, Lines, type LinesOptions } from './lines.ts';
import { Outbound } from './outbound.ts';
import { Recv, RecvInto } from './read.ts';
import { type Delimited, Exactly, Until } from './read-until.ts';
import { Send } from './send.ts';
import { type ReaderOptions, SocketReader } from './reader.ts';
import { SocketWriter, type WriterOptions } from './writer.ts';
import { checkLimit, checkSize, bytesOf, encodingOf, separatorOf } from './arguments.ts';

/**
 * A connection, or a place to accept them, that greenlets wait for: TCP, Unix, or TLS. What waits is killed and timed out as
 * everything else, and the socket can be used on: no byte that has come is lost. One greenlet may wait to read and another to
 * send at the same time; a second one of either gets a `ConcurrentObjectUseError`.
 *
 * ```ts
 * using client = yield* connect(['127.0.0.1', 8000]);
 * yield* client.sendall('hello\n');
 * const answer = yield* client.readline({ encoding: 'utf8' });
 * ```
 *
 * `{ timeout }`, in ms, goes before what `settimeout` says. When the time is up they throw a `TimeoutError`; with 0 a
 * `BlockingIOError` when they would have to wait at all. When the socket is closed by another, who waits gets an `OSError`
 * with `EBADF`.
 *
 * Python: `gevent.socket.socket`.
 */
export class Socket {
  /** What it is made of: a socket of `@switchyard/select`, which never waits. */
  readonly wire: Wire;
  /** Who waits in `accept`. @internal */
  accepting: Wait<unknown> | null;
  /** @internal */
  readonly inbound: Inbound;
  private readonly outbound: Outbound;
  private limit: number;

  /**
   * @param source `AF_INET`, the default, `AF_INET6` or `AF_UNIX` for a new one; or a socket of `@switchyard/select`, or of
   *   `node:net` or `node:tls`, that nobody else uses any more
   * @throws TypeError for anything else
   */
  constructor(source: AddressFamily | Wire | NetSocket = AF_INET) {
    this.wire =
      source instanceof Wire ? source : source instanceof NetSocket ? fromSocket(source) : makeWire(source);
    this.limit = this.wire.gettimeout() ?? -1;
    // Limits are kept here, so that they hold for a line as a whole and not for each piece of it.
    this.wire.settimeout(null);
    this.accepting = null;
    this.inbound = new Inbound(this.wire);
    this.outbound = new Outbound(this.wire);
  }

  /** Its number; -1 when it has been closed. */
  fileno(): number {
    return this.wire.fileno();
  }

  /** Whether it has been closed. */
  get closed(): boolean {
    return this.wire.closed;
  }

  /** `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  get family(): AddressFamily {
    return this.wire.family;
  }

  /**
   * Whether bytes may be changed as soon as they have been sent, as in Python: little is copied, and of what is large the send
   * waits until the kernel has it. False saves both: to be set where what is sent is never used again, as in an echo.
   */
  get copies(): boolean {
    return this.outbound.copies;
  }

  set copies(copies: boolean) {
    this.outbound.copies = copies;
  }

  /** Chooses the address to listen at, or to connect from. @throws as `bind` of `@switchyard/select` */
  bind(address: Address): void {
    this.wire.bind(address);
  }

  /**
   * Listens for connections, from now on.
   *
   * @param backlog how many may wait to be accepted
   * @returns to be waited for where `getsockname()` is asked for: it listens; or the error why it cannot
   */
  listen(backlog?: number): Waitable<void> {
    return this.wire.listen(backlog);
  }

  /**
   * Waits for the next connection.
   *
   * @returns its socket, and the address of the peer
   * @throws TimeoutError; OSError with `EINVAL` when this does not listen
   */
  accept(options?: TimeoutOption): Waitable<[connection: Socket, address: Address]> {
    return new Intake(
      this,
      sockAccept(this.wire) as Wait<[Wire, Address]>,
      accepted,
      this.limitOf(options, 'Socket.accept'),
    );
  }

  /**
   * Connects, and waits until that is done.
   *
   * @throws ConnectionRefusedError and the like; TimeoutError; OSError with `EISCONN` when it is connected already
   */
  connect(address: Address, options?: TimeoutOption): Waitable<void> {
    return new Connect(
      this.wire,
      sockConnect(this.wire, address) as Wait<void>,
      this.limitOf(options, 'Socket.connect'),
    );
  }

  /** Has it speak TLS, once it connects or in what it accepts. To be called before that. @returns itself */
  wrap(options: WrapOptions = {}): this {
    wrapSocket(this.wire, options);
    return this;
  }

  /**
   * Waits for bytes.
   *
   * @param size how many at most; 64 KiB when left out
   * @returns the bytes; none when the peer has ended what it sends
   * @throws TimeoutError; OSError with the error of the connection, once; RangeError for another size
   */
  recv(size: number = 65_536, options?: TimeoutOption): Waitable<Buffer> {
    checkSize(size, 'recv');
    return new Recv(
      this.inbound,
      size,
      options === undefined ? this.limit : this.limitOf(options, 'Socket.recv'),
    );
  }

  /** As `recv`, into a buffer of yours. @returns how many bytes; 0 when the peer has ended what it sends */
  recvInto(target: Uint8Array, options?: TimeoutOption): Waitable<number> {
    if (!(target instanceof Uint8Array)) {
      throw new TypeError(`Expected a Uint8Array to receive into, got ${show(target)}`);
    }
    return new RecvInto(this.inbound, target, this.limitOf(options, 'Socket.recvInto'));
  }

  /**
   * Waits for so many bytes, and takes none before they are all there.
   *
   * @throws IncompleteReadError when the peer ends what it sends before: it has the bytes that came
   */
  recvExactly(size: number, options?: TimeoutOption): Waitable<Buffer> {
    checkSize(size, 'recvExactly');
    return new Exactly(this.inbound, size, false, this.limitOf(options, 'Socket.recvExactly'));
  }

  /**
   * Waits for a line.
   *
   * @param options `limit`: the most bytes, of a longer line the rest comes with the next call; `encoding`: gives a string
   * @returns the line with its `\n`; without one when the peer has ended what it sends; nothing at the end
   *
   * Python: `readline` of a socket's file.
   */
  readline(options: LineOptions & { encoding: BufferEncoding }): Waitable<string>;
  readline(options?: LineOptions): Waitable<Buffer>;
  readline(options: LineOptions = {}): Waitable<Buffer> | Waitable<string> {
    return this.until<string>('Socket.readline', '\n', options, true, true);
  }

  /**
   * Waits for everything up to a separator, which comes with it.
   *
   * @param options `limit`: the most bytes, with the separator; `encoding`: gives a string
   * @throws IncompleteReadError when the peer ends what it sends before: it has the bytes that came; LimitOverrunError when
   *   more came than the limit, and then nothing is taken
   *
   * Python: `asyncio.StreamReader.readuntil`.
   */
  readuntil(
    separator: string | Uint8Array,
    options: LineOptions & { encoding: BufferEncoding },
  ): Waitable<string>;
  readuntil(separator?: string | Uint8Array, options?: LineOptions): Waitable<Buffer>;
  readuntil(
    separator: string | Uint8Array = '\n',
    options: LineOptions = {},
  ): Waitable<Buffer> | Waitable<string> {
    return this.until<string>('Socket.readuntil', separator, options, false, false);
  }

  /**
   * The lines that come, with their `\n`, one after the other: `for await (const line of socket.lines())` in async code,
   * `yield* lines.next()` in a coroutine, which gives `{ done, value }`. They end with what the peer sends.
   *
   * @param options `encoding`: utf8 unless told otherwise, null for bytes; `limit`: the most bytes of a line, a longer one is
   *   a `LimitOverrunError`; `timeout`: ms for each line
   */
  lines(options: LinesOptions & { encoding: null }): Lines<Buffer>;
  lines(options?: LinesOptions): Lines<string>;
  lines(options: LinesOptions = {}): Lines<Buffer> | Lines<string> {
    const encoding = options.encoding === undefined ? 'utf8' : options.encoding;
    return new Lines<string>(() =>
      this.until<string>('Socket.lines', '\n', { ...options, encoding }, false, true),
    );
  }

  /**
   * Sends all of it, waiting for room as often as need be.
   *
   * @param data bytes, or a string, which is sent as UTF-8
   * @throws TimeoutError; BrokenPipeError when the connection has ended; OSError with the error of the connection, once. How
   *   much has been sent by then is not known
   */
  sendall(data: Uint8Array | string, options?: TimeoutOption): Waitable<void> {
    return new Send(
      this.outbound,
      data instanceof Uint8Array ? data : bytesOf(data, 'sendall'),
      options === undefined ? this.limit : this.limitOf(options, 'Socket.sendall'),
      typeof data === 'string',
    );
  }

  /**
   * A file over the connection: `'rb'` to read, `'wb'` to write, with a buffer that is sent when it is full or flushed.
   * What it has read ahead is the socket's, so that both can be used. Closing the file does not close the socket.
   *
   * Python: `socket.makefile`.
   */
  makefile(mode?: 'r' | 'rb', options?: ReaderOptions): SocketReader;
  makefile(mode: 'w' | 'wb', options?: WriterOptions): SocketWriter;
  makefile(mode: string = 'r', options: ReaderOptions & WriterOptions = {}): SocketReader | SocketWriter {
    if (mode === 'r' || mode === 'rb') return new SocketReader(this, options);
    if (mode === 'w' || mode === 'wb') {
      return new SocketWriter(
        (data, limit) => new Send(this.outbound, data, limit ?? this.limit, true),
        options,
      );
    }
    throw new TypeError(`Expected 'r', 'rb', 'w' or 'wb' as the mode of makefile, got ${show(mode)}`);
  }

  /**
   * Ends a direction: `SHUT_WR` lets the peer hear of the end when it has received all, `SHUT_RD` drops what still comes.
   *
   * @throws OSError with `ENOTCONN` when it is not connected
   */
  shutdown(how: number): void {
    this.wire.shutdown(how);
  }

  /** Closes it: what was sent still arrives. Whoever waits for it gets `EBADF`. A second time does nothing. */
  close(): void {
    this.inbound.clear();
    this.wire.close();
    this.outbound.writer?.closed();
  }

  /** So that `using socket = ...` closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** The address of this side. @throws OSError with `EINVAL` while the port has not been chosen: wait for `listen()` */
  getsockname(): Address {
    return this.wire.getsockname();
  }

  /** The address of the peer. @throws OSError with `ENOTCONN` when it is not connected */
  getpeername(): Address {
    return this.wire.getpeername();
  }

  /** Sets how long each operation waits at most, in ms; null for no limit, 0 for never waiting. */
  settimeout(ms: number | null): void {
    this.limit = checkTimeout({ timeout: ms }, 'settimeout');
  }

  /** What `settimeout` has set. */
  gettimeout(): number | null {
    return this.limit < 0 ? null : this.limit;
  }

  /** Sets an option, as `setsockopt(IPPROTO_TCP, TCP_NODELAY, 0)`. */
  setsockopt(level: number, option: number, value: number): void {
    this.wire.setsockopt(level, option, value);
  }

  /** The value of an option. */
  getsockopt(level: number, option: number): number {
    return this.wire.getsockopt(level, option);
  }

  /** What who accepts does, for messages. @internal */
  get doing(): string {
    return `Socket.accept of ${title(this.wire)}`;
  }

  /** Bytes up to an end, or to the end of the connection. @internal */
  upTo(size: number, options: TimeoutOption | undefined, verb: string): Wait<Buffer> {
    return new Exactly(this.inbound, size, true, this.limitOf(options, verb));
  }

  private until<T extends Buffer | string>(
    verb: string,
    separator: string | Uint8Array,
    options: LinesOptions,
    cuts: boolean,
    partial: boolean,
  ): Wait<T> {
    const how: Delimited = {
      verb,
      separator: separatorOf(separator, verb),
      most: checkLimit(options.limit, verb),
      cuts,
      partial,
      encoding: encodingOf(options.encoding, verb),
    };
    return new Until<T>(this.inbound, how, this.limitOf(options, verb));
  }

  private limitOf(options: TimeoutOption | undefined, verb: string): number {
    if (options === undefined || options.timeout === undefined) return this.limit;
    return checkTimeout(options, verb);
  }
}

function accepted([wire, address]: [Wire, Address]): [connection: Socket, address: Address] {
  return [new Socket(wire), address];
}
