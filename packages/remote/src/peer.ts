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
  READY,
  ROUNDS,
  RUN,
  SKIPPED,
  SLOTS,
  slotOf,
  STARTED,
  STOP,
  TAKEN,
} from './protocol.ts';
import { RuntimeError } from './errors.ts';
import { INLINE, requireReference } from './task.ts';
import type { Exit, Runtime, RuntimeEvents } from './runtime.ts';
import { COPIED, isCloneProblem, sendDehydrated } from './sendable.ts';
import { anyMarked } from './transfer.ts';

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
  /** The number by which each task is known over there, and how many there are. */
  private readonly numbers: WeakMap<object, number>;
  private count: number;
  /** The numbers of those that travel as their source, which may be made anew for each call. */
  private readonly sources: Map<string, number>;
  /** The one pushed last, and its number: most are the same as the one before. */
  private lastTarget: object | null;
  private lastNumber: number;
  /** A bit for each place that no call has: see `slotOf`. */
  private places: number;
  private rounds: number;
  /** Whom it is to run as, until that has been told. */
  private who: unknown;
  /** The error by which it said that it ends. */
  private fatal: unknown;

  constructor(start: (events: RuntimeEvents) => Runtime, owner: PeerOwner) {
    this.owner = owner;
    this.calls = [];
    this.gone = null;
    this.up = false;
    this.numbers = new WeakMap();
    this.count = 0;
    this.sources = new Map();
    this.lastTarget = null;
    this.lastNumber = 0;
    this.places = -1;
    this.rounds = 0;
    this.who = undefined;
    this.fatal = undefined;
    this.runtime = start(this);
  }

  /**
   * Gives it a call.
   *
   * @throws TaskError when the target has no reference; CloneError when an argument cannot be cloned; RuntimeError when it
   *   has ended, or has all the calls that it can have
   */
  push(call: Call): void {
    if (this.gone !== null) throw new RuntimeError('the worker has ended, and runs no more calls');
    if (this.places === 0) throw new RuntimeError(`a worker can be given ${SLOTS} calls at a time, not more`);
    if (call.target !== this.lastTarget) {
      this.lastNumber = this.numbers.get(call.target) ?? this.introduce(call.target);
      this.lastTarget = call.target;
    }
    const place = this.places & -this.places;
    this.rounds = (this.rounds + 1) % ROUNDS;
    const id = (this.rounds * SLOTS) | (31 - Math.clz32(place));
    this.runtime.give(id);
    this.send(call, id, this.lastNumber);
    this.who = undefined;
    this.places ^= place;
    call.id = id;
    this.calls.push(call);
  }

  /** Says whom it runs as from the next call on, which takes that along. */
  role(who: unknown): void {
    this.who = who;
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
    this.vacate(call.id);
    return true;
  }

  /** Asks for a call back that `takeBack` cannot have: it is told with `takenBack` if it had not begun. */
  askBack(call: Call): void {
    if (this.gone === null && this.calls.includes(call)) this.runtime.askBack(call.id);
  }

  /** Asks a call that was pushed to stop: its signal aborts. Returns whether it was there. */
  cancel(call: Call, reason: unknown): boolean {
    if (!this.calls.includes(call) || this.gone !== null) return false;
    this.runtime.flagStop(call.id);
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
        else hydrated(value, message[4] ?? [], (failed, made) => this.settle(call, failed, made));
        return;
      }
      case FAILED: {
        const call = this.take(message[1]);
        if (call !== null) this.settle(call, true, decodeError(message[2]));
        return;
      }
      case EVENT:
        this.event(this.find(message[1]), message[2], message[3] ?? 0, message[4] ?? []);
        return;
      case STARTED:
        this.find(message[1])?.started();
        return;
      case READY:
        this.up = true;
        return;
      case TAKEN: {
        // Its place is free once its message has been read.
        const at = this.calls.findIndex((call) => call.id === message[1]);
        if (at >= 0) (this.calls.splice(at, 1)[0] as Call).takenBack();
        return;
      }
      case SKIPPED:
        this.vacate(message[1]);
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
      // Where no memory is shared it can only have been the first, once it was up.
      call.lost(how, this.runtime.begun(call.id) ?? (this.up && at === 0));
    }
    this.owner.exited(this, how);
  }

  private send(call: Call, id: number, number: number): void {
    const { args, flags, label } = call;
    const { who } = this;
    if (!anyMarked() && !atFirstGlance(args)) {
      try {
        if (flags === 0 && label === undefined && who === undefined)
          this.runtime.post([RUN, id, number, args], COPIED);
        else this.runtime.post([RUN, id, number, args, flags, null, label, who], COPIED);
        return;
      } catch (error) {
        if (!isCloneProblem(error)) throw error;
      }
    }
    sendDehydrated(
      args,
      (value, hydrate, modules, transfers) =>
        this.runtime.post(
          [RUN, id, number, value as unknown[], flags | hydrate, modules, label, who],
          transfers,
        ),
      'ERR_ARGUMENT_CLONE',
      call.argumentNames() ?? 'args',
    );
  }

  private introduce(target: object): number {
    const { url, name } = requireReference('a call', target);
    let number = url === INLINE ? this.sources.get(name) : undefined;
    if (number === undefined) {
      number = this.count;
      this.runtime.post([DEFINE, number, url, name], COPIED);
      this.count++;
      if (url === INLINE) this.sources.set(name, number);
    }
    this.numbers.set(target, number);
    return number;
  }

  private vacate(id: number): void {
    this.places |= 1 << slotOf(id);
  }

  private find(id: number): Call | undefined {
    return this.calls.find((call) => call.id === id);
  }

  private take(id: number): Call | null {
    const { calls } = this;
    const at =
      calls.length > 0 && (calls[0] as Call).id === id ? 0 : calls.findIndex((call) => call.id === id);
    if (at < 0) return null;
    this.vacate(id);
    return at === 0 ? (calls.shift() as Call) : (calls.splice(at, 1)[0] as Call);
  }

  private settle(call: Call, failed: boolean, outcome: unknown): void {
    call.settled(failed, outcome);
    this.owner.ended?.(this, call);
  }

  private event(call: Call | undefined, value: unknown, flags: number, modules: readonly string[]): void {
    if (call === undefined) return;
    if (flags === 0) call.event(value);
    else hydrated(value, modules, (_failed, made) => call.event(made));
  }
}

/** Makes the objects in a value again, and loads before what defines them. */
function hydrated(
  value: unknown,
  modules: readonly string[],
  then: (failed: boolean, outcome: unknown) => void,
): void {
  const missing = modules.filter((url) => !loaded(url));
  if (missing.length > 0) {
    Promise.all(missing.map(load)).then(
      () => hydrated(value, [], then),
      (error: unknown) => then(true, error),
    );
    return;
  }
  let made: unknown;
  try {
    made = hydrate(value);
  } catch (error) {
    then(true, error);
    return;
  }
  then(false, made);
}
