import { show } from '@switchyard/greenlet/scheduler';
import type { Waitable } from '@switchyard/hub';
import { register, revive, RuntimeError, share, Shareable } from '@switchyard/remote';
import type { Address } from './address.ts';
import { Barrier, type BarrierOptions } from './barrier.ts';
import { Condition } from './condition.ts';
import { linkTo } from './connect.ts';
import { DictProxy, type Items } from './dict-proxy.ts';
import { Event } from './event.ts';
import { JoinableQueue } from './joinable-queue.ts';
import type { Link } from './link.ts';
import { ListProxy } from './list-proxy.ts';
import { Lock } from './lock.ts';
import { ManagerProcess } from './manager-process.ts';
import { NAMES } from './manager-serve.ts';
import { NamespaceProxy } from './namespace-proxy.ts';
import { currentRole } from './process-role.ts';
import { Queue } from './queue.ts';
import { RLock } from './rlock.ts';
import { BoundedSemaphore, Semaphore } from './semaphore.ts';
import { arrived, madeOn } from './shared-object.ts';
import { ValueProxy } from './value-proxy.ts';

/** How a manager is started. */
export interface ManagerOptions {
  /** What those who connect have to know; by default the `authkey` of this process, which its children have too. */
  authkey?: Uint8Array;
}

/**
 * A process of its own that keeps what others share: made by `Manager()`, or `Manager.connect()`. It may be sent to other
 * processes, which can make more there then; only the process that started it can shut it down. It ends with that one.
 *
 * What it makes lives for as long as anybody has it, or a list or dict that is in use holds it. Lists that hold themselves,
 * or each other, stay until the manager ends.
 *
 * Python: `multiprocessing.managers.SyncManager`.
 */
export class SyncManager extends Shareable {
  private readonly link: Link;
  private readonly process: ManagerProcess | null;

  /** @internal */
  constructor(process: ManagerProcess | null, link: Link) {
    super();
    this.process = process;
    this.link = link;
  }

  /** Where it listens: for `Manager.connect`. */
  get address(): string {
    return this.link.address.path;
  }

  /**
   * A dict by which processes that connect find what they share: `yield* manager.names.set('jobs', queue)`. What it holds
   * stays until the manager ends. Python: `register` with a callable.
   */
  get names(): DictProxy {
    return arrived({ at: this.link.address, id: NAMES, board: null }, () => new DictProxy());
  }

  /** A new list. @throws CloneError when one of the values cannot be sent */
  list<T = unknown>(values: Iterable<T> = []): ListProxy<T> {
    return this.make(() => new ListProxy(values));
  }

  /** A new dict, of a Map, pairs or an object. @throws TypeError for a key that is an object; CloneError as `list` */
  dict<K = string, V = unknown>(items?: Items<K, V>): DictProxy<K, V> {
    return this.make(() => new DictProxy(items));
  }

  /** New named values. @throws CloneError when one of them cannot be sent */
  Namespace<T extends object = Record<string, unknown>>(values?: T): NamespaceProxy<T> {
    return this.make(() => new NamespaceProxy(values));
  }

  /** A new value of any kind. @param _typecode is there for Python's sake, as it is there: nothing is made of it */
  Value<T = number>(_typecode: string, value: T): ValueProxy<T> {
    return this.make(() => new ValueProxy(value));
  }

  /** A new list of numbers. @param _typecode is there for Python's sake, as it is there: nothing is made of it */
  Array<T = number>(_typecode: string, values: Iterable<T>): ListProxy<T> {
    return this.list(values);
  }

  /** A new lock that lives in the manager's process. */
  Lock(): Lock {
    return this.make(() => new Lock());
  }

  RLock(): RLock {
    return this.make(() => new RLock());
  }

  /** @throws RangeError when the value is not a whole number from 0 up */
  Semaphore(value?: number): Semaphore {
    return this.make(() => new Semaphore(value));
  }

  /** @throws RangeError when the value is not a whole number from 0 up */
  BoundedSemaphore(value?: number): BoundedSemaphore {
    return this.make(() => new BoundedSemaphore(value));
  }

  Event(): Event {
    return this.make(() => new Event());
  }

  /** @param lock by default a new RLock of the manager */
  Condition(lock?: Lock | RLock): Condition {
    return this.make(() => new Condition(lock));
  }

  /** @throws RangeError when `parties` is not a whole number from 1 up */
  Barrier(parties: number, options?: BarrierOptions): Barrier {
    return this.make(() => new Barrier(parties, options));
  }

  /** @throws RangeError when the size is not a whole number from 0 up */
  Queue<T = unknown>(maxsize?: number | null): Queue<T> {
    return this.make(() => new Queue<T>(maxsize));
  }

  /** @throws RangeError when the size is not a whole number from 0 up */
  JoinableQueue<T = unknown>(maxsize?: number | null): JoinableQueue<T> {
    return this.make(() => new JoinableQueue<T>(maxsize));
  }

  /**
   * Ends the manager's process, and waits until it has ended. Whoever waits for something of it gets a RuntimeError. Again
   * it does nothing.
   *
   * @throws RuntimeError in a process that has not started it
   */
  shutdown(): Waitable<void> {
    return this.own().shutdown();
  }

  /** Has its process end, without waiting for it: `using manager = Manager()`. Elsewhere it does nothing. */
  [Symbol.dispose](): void {
    this.process?.stop();
  }

  /** The same as `shutdown()`: `await using manager = Manager()`. Elsewhere it does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.process?.shutdown();
  }

  /** @internal */
  [share](): Address {
    return this.link.address;
  }

  /** @internal */
  static [revive](address: Address): SyncManager {
    return new SyncManager(null, linkTo(address));
  }

  private make<T>(construct: () => T): T {
    return madeOn(this.link, construct);
  }

  private own(): ManagerProcess {
    if (this.process !== null) return this.process;
    throw new RuntimeError('Only the process that started a manager can shut it down');
  }
}

/** What `Manager` is: a function, which may be called with `new`, and `Manager.connect`. */
export interface ManagerFactory {
  (options?: ManagerOptions): SyncManager;
  new (options?: ManagerOptions): SyncManager;
  /**
   * A manager that another process of the same user has started.
   *
   * Returns at once: what is wrong with the address or key is told by the first operation, as RuntimeError or
   * AuthenticationError.
   *
   * @param address its `address`
   * @param authkey the key that it was started with
   * @throws TypeError when the address is no text or the key no bytes
   */
  connect(address: string, authkey?: Uint8Array): SyncManager;
}

/** @see ManagerFactory */
export type Manager = SyncManager;

/**
 * Starts a manager: a process that keeps lists, dicts, locks, queues and the like for others to share. It can be used at
 * once. Only processes of the same user can reach it, and only those that know its `authkey` are let in.
 *
 * Python: `multiprocessing.Manager`.
 *
 * @throws RuntimeError when this process is a daemon; BootstrapError when its module is only being imported; TypeError when
 *   the `authkey` is no Uint8Array
 */
export const Manager: ManagerFactory = Object.assign(
  function Manager(options: ManagerOptions = {}): SyncManager {
    const started = new ManagerProcess(checkKey(options.authkey ?? currentRole().authkey));
    return new SyncManager(started, started.link);
  },
  {
    connect(address: string, authkey: Uint8Array = currentRole().authkey): SyncManager {
      if (typeof address !== 'string' || address === '') {
        throw new TypeError(`Expected the address of a manager, got ${show(address)}`);
      }
      const key = Buffer.from(checkKey(authkey)).toString('base64');
      return new SyncManager(null, linkTo({ path: address, key }));
    },
  },
) as unknown as ManagerFactory;

function checkKey(key: Uint8Array): Uint8Array {
  if (key instanceof Uint8Array && key.length > 0) return key;
  throw new TypeError(`Expected a Uint8Array with something in it as an authkey, got ${show(key)}`);
}

register(import.meta, SyncManager);
