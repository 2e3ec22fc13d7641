import { codingsOf } from '@switchyard/gevent/codings';
import { DecompressionError, FetchError, type FetchPhase } from '@switchyard/gevent';
import type { Socket } from '@switchyard/select';
import { type AnswerHead, arrivalOf, mayArriveUnread, tooLarge, wants } from '../fetch/answer-head.ts';
import type { Arrival } from '../fetch/arrival.ts';
import { expiry } from '../fetch/expiry.ts';
import { failureOf } from '../fetch/failure.ts';
import type { Job } from '../job.ts';
import type { Failure } from '../outcome.ts';
import { Body } from './body.ts';
import type { Client } from './client.ts';
import { Connection, type Traveller } from './connection.ts';
import type { Due } from './deadlines.ts';
import { type Caller, Dial } from './dial.ts';
import type { RequestHead } from './request-head.ts';

/** Codes of a connection that broke, as one does that the server closed while it was idle. */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE']);

/** One attempt at a job, from the name's look-up to the last byte. It never waits: it is called when something happens. */
export class Exchange implements Caller, Traveller, Due {
  at = 0;
  heapIndex = -1;
  readonly job: Job;
  readonly #client: Client;
  readonly #start: number;
  /** When each limit of time is reached; Infinity for one that does not count now. */
  readonly #limits: Record<FetchPhase, number>;
  #url: URL | undefined;
  #request: RequestHead | undefined;
  #dial: Dial | undefined;
  #connection: Connection | undefined;
  #head: AnswerHead | undefined;
  #headersAt = 0;
  #body: Body | undefined;
  /** The client has been told how it ended. The rest of a body that nobody wants may still be coming. */
  #told = false;

  constructor(client: Client, job: Job) {
    this.job = job;
    this.#client = client;
    this.#start = performance.now();
    const { headers, total } = client.settings.timeouts;
    this.#limits = {
      connect: Infinity,
      headers: this.#start + headers,
      idle: Infinity,
      total: this.#start + total,
    };
  }

  /** Begins. The client may hear of the end before this returns. */
  start(): void {
    try {
      this.#client.guard.check(this.job.url);
      this.#url = new URL(this.job.url);
      this.#request = this.#client.headOf(this.job.kind).of(this.#url);
      this.#send(false);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Gives it up; the client is not told. */
  stop(): void {
    this.#told = true;
    this.#letGo();
  }

  connected(socket: Socket): void {
    const { origin } = this.#url as URL;
    this.#dial = undefined;
    this.#limits.connect = Infinity;
    this.#carry(new Connection(this.#client, this.#client.connections, origin, socket));
  }

  unreachable(error: unknown): void {
    this.#fail(error);
  }

  heard(): void {
    if (this.#head !== undefined) this.#limits.idle = performance.now() + this.#client.settings.timeouts.idle;
  }

  waits(): void {
    // What has come anyhow costs nothing.
    if (this.#told && this.#head !== undefined && !mayArriveUnread(this.#head)) this.#letGo();
  }

  begun(head: AnswerHead): void {
    const { settings } = this.#client;
    this.#head = head;
    this.#headersAt = performance.now();
    this.#limits.headers = Infinity;
    this.#limits.idle = this.#headersAt + settings.timeouts.idle;
    switch (wants(this.job.kind, head, settings.maxBody)) {
      case 'too large':
        this.#tell(tooLarge(head, settings.maxBody, this.#headersAt - this.#start));
        this.#letGo();
        return;
      case 'no':
        this.#leave(undefined);
        return;
      case 'yes':
        // Says that there is no body, whatever comes.
        if (head.status === 205) this.#leave(Buffer.alloc(0));
        else this.#await(head);
    }
  }

  piece(bytes: Buffer): void {
    this.#body?.push(bytes);
  }

  arrived(): void {
    this.#connection = undefined;
    this.#limits.idle = Infinity;
    if (this.#told) {
      this.#letGo();
      return;
    }
    try {
      const bytes = this.#body?.end();
      if (bytes !== undefined) this.#succeed(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  lost(error: unknown): void {
    const reused = (this.#connection?.served ?? 0) > 0;
    this.#connection = undefined;
    // The server closed an idle connection just when it was used again: asking once more, for a page, does no harm.
    const again = reused && this.#head === undefined && error instanceof FetchError && BROKEN.has(error.code);
    if (!again) this.#fail(error);
    else if (!this.#told) this.#send(true);
  }

  expire(now: number): void {
    // What has come meanwhile counts, when the loop was too busy to look at it.
    this.#connection?.receive();
    const phase = this.#reached(now);
    if (this.#told && this.#connection === undefined) return;
    if (phase === undefined) this.#watch();
    else this.#fail(expiry(phase, this.#client.settings.timeouts));
  }

  #send(fresh: boolean): void {
    const { connections, guard, settings } = this.#client;
    const url = this.#url as URL;
    const idle = fresh ? undefined : connections.take(url.origin);
    if (idle !== undefined) {
      this.#watch();
      this.#carry(idle);
      return;
    }
    this.#limits.connect = performance.now() + settings.timeouts.connect;
    this.#watch();
    this.#dial = new Dial(this.#client, guard, url, this);
    this.#dial.start();
  }

  #carry(connection: Connection): void {
    this.#connection = connection;
    connection.carry(this, this.#request as RequestHead);
  }

  #await(head: AnswerHead): void {
    const codings = codingsOf(head.header('content-encoding'));
    if (typeof codings === 'string') throw new DecompressionError(codings, '');
    this.#body = new Body(codings, this.#client.settings, (result) => {
      this.#client.post(() => {
        if (this.#told) return;
        if (result instanceof Error) this.#fail(result);
        else this.#succeed(result);
      });
    });
    this.#watch();
  }

  /** Nobody wants the body. */
  #leave(body: Buffer | undefined): void {
    this.#tell(arrivalOf(this.#head as AnswerHead, body, this.#timings()));
    this.#watch();
  }

  #succeed(body: Buffer): void {
    this.#tell(arrivalOf(this.#head as AnswerHead, body, this.#timings()));
    this.#letGo();
  }

  #fail(error: unknown): void {
    if (!this.#told) this.#tell(failureOf(error, { status: this.#head?.status, timings: this.#timings() }));
    this.#letGo();
  }

  #tell(result: Arrival | Failure): void {
    this.#told = true;
    this.#client.ended(this, result);
  }

  #letGo(): void {
    this.#client.deadlines.cancel(this);
    this.#client.left(this);
    this.#dial?.stop();
    this.#connection?.close();
    this.#body?.stop();
    this.#dial = undefined;
    this.#connection = undefined;
  }

  #timings(): Arrival['timings'] {
    const now = performance.now();
    if (this.#head === undefined) return { headers: now - this.#start, body: 0 };
    return { headers: this.#headersAt - this.#start, body: now - this.#headersAt };
  }

  /** Is called at the first of its limits; one that has moved away is looked at when its old time has come. */
  #watch(): void {
    const { connect, headers, idle, total } = this.#limits;
    const first = Math.min(connect, headers, idle, total);
    if (this.heapIndex < 0 || first < this.at) this.#client.deadlines.set(this, first);
  }

  #reached(now: number): FetchPhase | undefined {
    const { connect, headers, idle, total } = this.#limits;
    const first = Math.min(connect, headers, idle, total);
    if (first > now) return undefined;
    return first === connect ? 'connect' : first === headers ? 'headers' : first === idle ? 'idle' : 'total';
  }
}
