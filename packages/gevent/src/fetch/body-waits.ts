import { ERROR, hub, PENDING, type Queued, VALUE, Wait } from '@switchyard/hub/core';
import type { Collector } from './collector.ts';
import type { ResponseBody } from './response-body.ts';
import type { ChunkSource } from './wire-body.ts';

const killed = new Error('the greenlet that read the body was killed or timed out');

/** Waits for a whole body and turns it into something: `text()`, `json()`, ... @internal */
export class WholeBody<T> extends Wait<T> implements Queued {
  private readonly body: ResponseBody;
  private readonly verb: string;
  private readonly convert: (bytes: Buffer, body: ResponseBody) => T;
  private collector: Collector | null;
  private scheduled: boolean;

  constructor(body: ResponseBody, verb: string, convert: (bytes: Buffer, body: ResponseBody) => T) {
    super();
    this.body = body;
    this.verb = verb;
    this.convert = convert;
    this.collector = null;
    this.scheduled = false;
  }

  turn(): void {
    this.scheduled = false;
    if (!this.parked) return;
    let result: T;
    try {
      const bytes = this.poll();
      if (bytes === null) return;
      result = this.convert(bytes, this.body);
    } catch (error) {
      this.resume(ERROR, error);
      return;
    }
    this.resume(VALUE, result);
  }

  override describe(): string {
    return `${this.verb}() of ${this.body.where}`;
  }

  protected override begin(): T | typeof PENDING {
    if (this.body.none) return this.convert(Buffer.alloc(0), this.body);
    this.collector = this.body.collect();
    const bytes = this.poll();
    if (bytes !== null) return this.convert(bytes, this.body);
    this.collector.changed = () => {
      if (this.scheduled) return;
      this.scheduled = true;
      hub.schedule(this);
    };
    hub.outside++;
    return PENDING;
  }

  protected override detach(): void {
    this.body.abort(killed);
  }

  protected override left(): void {
    hub.outside--;
    this.collector?.stop();
    this.collector = null;
  }

  protected override renew(): void {
    this.collector = null;
    this.scheduled = false;
  }

  private poll(): Buffer | null {
    try {
      return this.collector!.poll();
    } catch (error) {
      this.body.abort(error);
      throw error;
    }
  }
}

/** Waits for the next chunk of a body. @internal */
export class NextChunk extends Wait<IteratorResult<Uint8Array, undefined>> implements Queued {
  private readonly body: ResponseBody;
  private readonly source: () => ChunkSource;
  private scheduled: boolean;

  constructor(body: ResponseBody, source: () => ChunkSource) {
    super();
    this.body = body;
    this.source = source;
    this.scheduled = false;
  }

  turn(): void {
    this.scheduled = false;
    if (!this.parked) return;
    let result: IteratorResult<Uint8Array, undefined> | null;
    try {
      result = this.take();
    } catch (error) {
      this.resume(ERROR, error);
      return;
    }
    if (result !== null) this.resume(VALUE, result);
  }

  override describe(): string {
    return `a chunk of ${this.body.where}`;
  }

  protected override begin(): IteratorResult<Uint8Array, undefined> | typeof PENDING {
    if (this.body.none) return { done: true, value: undefined };
    const source = this.source();
    this.body.enter();
    let result: IteratorResult<Uint8Array, undefined> | null;
    try {
      result = this.take();
    } catch (error) {
      this.body.leave();
      throw error;
    }
    if (result !== null) {
      this.body.leave();
      return result;
    }
    source.changed = () => {
      if (this.scheduled) return;
      this.scheduled = true;
      hub.schedule(this);
    };
    hub.outside++;
    return PENDING;
  }

  protected override detach(): void {
    this.body.abort(killed);
  }

  protected override left(): void {
    hub.outside--;
    this.body.leave();
    this.source().changed = null;
  }

  protected override renew(): void {
    this.scheduled = false;
  }

  private take(): IteratorResult<Uint8Array, undefined> | null {
    const source = this.source();
    const value = source.read();
    if (value !== null) return { done: false, value };
    if (source.failure !== null) {
      this.body.abort(source.failure.error);
      throw source.failure.error;
    }
    return source.ended ? { done: true, value: undefined } : null;
  }
}
