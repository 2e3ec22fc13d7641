import type { Kind, Plain, ToClient } from '../wire.ts';
import { BarrierServed } from './barrier-served.ts';
import { Client } from './client.ts';
import { ConditionServed } from './condition-served.ts';
import { DictServed } from './dict-served.ts';
import { EventServed } from './event-served.ts';
import { ListServed } from './list-served.ts';
import { LockServed } from './lock-served.ts';
import { PipeServed } from './pipe-served.ts';
import { QueueServed } from './queue-served.ts';
import { SemaphoreServed } from './semaphore-served.ts';
import type { Served } from './served.ts';

/** How an object is made of what its first user says. `null` for params is what later users say. */
const kinds: Readonly<Record<Kind, (params: Plain, broker: Broker) => Served>> = {
  lock: (params) => new LockServed(params),
  semaphore: (params) => new SemaphoreServed(params),
  event: (params) => new EventServed(params),
  condition: () => new ConditionServed(),
  barrier: (params) => new BarrierServed(params),
  queue: (params, broker) => new QueueServed(params, broker),
  pipe: (_params, broker) => new PipeServed(broker),
  list: (_params, broker) => new ListServed(broker),
  dict: (_params, broker) => new DictServed(broker),
};

/**
 * Where all that processes share lives: one place, one thing after the other, so that nothing in here can race. Whoever
 * ends, in whatever way, has its connection closed by the system, and takes nothing along that others wait for. @internal
 */
export class Broker {
  private readonly objects: Map<string, Served>;
  private readonly ids: Map<Served, string>;

  constructor() {
    this.objects = new Map();
    this.ids = new Map();
  }

  /** A new client. @param post sends it a message */
  connect(post: (message: ToClient, body: Uint8Array | null) => void): Client {
    return new Client(this, post);
  }

  /** @throws Error when it is gone */
  find(id: string, kind: Kind, params: Plain): Served {
    const known = this.objects.get(id);
    if (known !== undefined) return known;
    if (params === null) throw new Error(`all processes that used this ${kind} have ended`);
    const object = kinds[kind](params, this);
    this.objects.set(id, object);
    this.ids.set(object, id);
    return object;
  }

  /** Has an object live on without clients, until `release`. Returns it, or undefined when it is gone already. */
  hold(id: string): Served | undefined {
    const object = this.objects.get(id);
    if (object !== undefined) object.holds++;
    return object;
  }

  release(object: Served): void {
    object.holds--;
    this.forgetUnused(object);
  }

  /** Lets go of an object that nobody has any more, and of what only that one has held. */
  forgetUnused(object: Served): void {
    // In a loop: lists may be nested deeper than calls can be.
    const unused = [object];
    for (let one = unused.pop(); one !== undefined; one = unused.pop()) {
      const id = this.ids.get(one);
      if (id === undefined || one.clients.size > 0 || one.holds > 0) continue;
      this.objects.delete(id);
      this.ids.delete(one);
      for (const held of one.forgotten()) {
        held.holds--;
        unused.push(held);
      }
    }
  }
}
