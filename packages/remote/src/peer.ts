import type { Call } from './call.ts';
import { atFirstGlance, hydrate } from './dehydrate.ts';
import { decodeError, encodeError } from './error-wire.ts';
import { load, loaded } from './load.ts';
import {
  CANCEL,
  DEFINE,
  DONE,
  EVENT,
  FAILED,
  FATAL,
  type FromWorker,
  IDS,
  READY,
  ROLE,
  RUN,
  STARTED,
  STOP,
} from './protocol.ts';
import { requireReference } from './task.ts';
import type { Exit, Runtime, RuntimeEvents } from './runtime.ts';
import { COPIED, isCloneProblem, sendDehydrated } from './sendable.ts';

/** How long a worker that is told to end may take for it, in milliseconds. */
const LAST_WORDS = 1000;

/** What whoever started a peer is told. */
export interface PeerOwner {
  /** A call has ended, and its outcome was told. */
  ended?(peer: Peer, call: Call): void;
  /** It has ended. The calls that it had were told before. */
  exited(peer: Peer, exit: Exit): void;
}

/**
 * Another thread or process that runs calls, one after the other in the order in which they were pushed. Whatever becomes
 * of it, each call is told of its end exactly once. @internal
 */
export class Peer implements RuntimeEvents {
  readonly runtime: Runtime;
  /** Pushed and not ended, oldest first: the first one is the one that runs. */
  readonly calls: Call[];
  /** How it ended, or null. */
  gone: Exit | null;
  /** Whether it has said that it is up. */
  up: boolean;
  private readonly owner: PeerOwner;
  /** The number by which each task is known over there. */
  private readonly numbers: Map<object, number>;
  private ids: number;
  /** The error by which it said that it ends. */
  private fatal: unknown;

  constructor(start: (events: RuntimeEvents) => Runtime, owner: PeerOwner) {
    this.owner = owner;
    this.calls = [];
    this.gone = null;
    this.up = false;
    this.numbers = new Map();
    this.ids = 0;
    this.fatal = undefined;
    this.runtime = start(this);
  }

  /**
   * Gives it a call.
   *
   * @throws TaskError when the target has no reference; CloneError when an argument cannot be cloned
   */
  push(call: Call): void {
    const number = this.numbers.get(call.target) ?? this.introduce(call.target);
    const id = this.ids;
    this.ids = (id + 1) % IDS;
    call.id = id;
    this.runtime.give(id);
    const { args, flags, label } = call;
    if (flags === 0 && label === undefined && !atFirstGlance(args)) {
      try {
        this.runtime.post([RUN, id, number, args], COPIED);
        this.calls.push(call);
        return;
      } catch (error) {
        if (!isCloneProblem(error)) throw error;
      }
    }
    sendDehydrated(
      args,
      (value, hydrated, modules, transfers) =>
        this.runtime.post([RUN, id, number, value as unknown[], flags | hydrated, modules, label], transfers),
      'ERR_ARGUMENT_CLONE',
      'args',
    );
    this.calls.push(call);
  }

  /** Tells it whom it runs as from now on. */
  role(who: unknown): void {
    if (this.gone === null) this.runtime.post([ROLE, who], COPIED);
  }

  /** Ends it when it has nothing to do: after what it printed has come, at the latest in a second. */
  stop(): void {
    if (this.gone !== null) return;
    this.runtime.post([STOP], COPIED);
    setTimeout(() => {
      if (this.gone === null) this.runtime.kill();
    }, LAST_WORDS).unref();
  }

  /** Whether it has been given a target before, and need not load it. */
  knows(target: object): boolean {
    return this.up && this.numbers.has(target);
  }

  /** Takes a call back that has not begun; returns whether it has not, and never will. */
  takeBack(call: Call): boolean {
    const at = this.calls.indexOf(call);
    if (at < 0 || this.gone !== null || !this.runtime.takeBack(call.id)) return false;
    this.calls.splice(at, 1);
    return true;
  }

  /** Asks a call that was pushed to stop: its signal aborts. Returns whether it was there. */
  cancel(call: Call, reason: unknown): boolean {
    if (!this.calls.includes(call) || this.gone !== null) return false;
    // There is one flag, for the one that runs or is about to.
    if (this.calls[0] === call) this.runtime.flagStop(call.id);
    this.runtime.post([CANCEL, call.id, encodeError(reason)], COPIED);
    return true;
  }

  message(message: FromWorker): void {
    switch (message[0]) {
      case DONE: {
        const call = this.take(message[1]);
        if (call === null) return;
        const value = message[2];
        if ((message[3] ?? 0) === 0) this.settle(call, false, value);
        else this.settleHydrated(call, value, message[4] ?? []);
        return;
      }
      case FAILED: {
        const call = this.take(message[1]);
        if (call !== null) this.settle(call, true, decodeError(message[2]));
        return;
      }
      case EVENT:
        this.find(message[1])?.event(message[2]);
        return;
      case STARTED:
        this.find(message[1])?.started();
        return;
      case READY:
        this.up = true;
        return;
      case FATAL:
        this.fatal = decodeError(message[1]);
    }
  }

  exit(exit: Exit): void {
    if (this.gone !== null) return;
    const how: Exit = this.fatal === undefined ? exit : { ...exit, error: this.fatal };
    this.gone = how;
    const calls = this.calls.splice(0);
    for (const [at, call] of calls.entries()) {
      // Where no memory is shared it can only have been the first.
      call.lost(how, this.runtime.begun(call.id) ?? at === 0);
    }
    this.owner.exited(this, how);
  }

  private introduce(target: object): number {
    const { url, name } = requireReference('a call', target);
    const number = this.numbers.size;
    this.numbers.set(target, number);
    this.runtime.post([DEFINE, number, url, name], COPIED);
    return number;
  }

  private find(id: number): Call | undefined {
    return this.calls.find((call) => call.id === id);
  }

  private take(id: number): Call | null {
    const { calls } = this;
    if (calls.length > 0 && (calls[0] as Call).id === id) return calls.shift() as Call;
    const at = calls.findIndex((call) => call.id === id);
    return at < 0 ? null : (calls.splice(at, 1)[0] as Call);
  }

  private settle(call: Call, failed: boolean, outcome: unknown): void {
    call.settled(failed, outcome);
    this.owner.ended?.(this, call);
  }

  private settleHydrated(call: Call, value: unknown, modules: readonly string[]): void {
    const missing = modules.filter((url) => !loaded(url));
    if (missing.length > 0) {
      Promise.all(missing.map(load)).then(
        () => this.settleHydrated(call, value, []),
        (error: unknown) => this.settle(call, true, error),
      );
      return;
    }
    let made: unknown;
    try {
      made = hydrate(value);
    } catch (error) {
      this.settle(call, true, error);
      return;
    }
    this.settle(call, false, made);
  }
}
