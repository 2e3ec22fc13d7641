import type { Greenlet } from '@switchyard/gevent';
import { aheadOf, atMost } from '../mark.ts';
import { loadEffect, type Fiber } from '../npm/effect.ts';
import { loadEffection, type Task } from '../npm/effection.ts';
import { HEAP_AND_RSS, ONE_CASE, OURS, type NodeContender, type Row } from '../row.ts';
import { until } from './until.ts';

// All tasks wait for one and the same thing, and their handles are held in an array that was made before memory was first read.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: greenlets on one Event',
  async load() {
    const { Event, joinall, spawn } = await import('@switchyard/gevent');
    let event = new Event();
    let parked = 0;
    let handles: Greenlet<void>[] = [];
    const task = function* () {
      parked++;
      yield* event.wait();
    };
    return {
      arrange(n) {
        event = new Event();
        parked = 0;
        handles = new Array(n).fill(null);
      },
      run(n) {
        for (let i = 0; i < n; i++) handles[i] = spawn(task);
        return until(() => parked === n);
      },
      async release() {
        event.set();
        // `void`: the greenlets it gives back are waitables, and have all been waited for.
        void (await joinall(handles));
        handles = [];
      },
    };
  },
};

/** Each on a promise of its own, as whatever can wake, time out or abort one of them alone has to make it. */
const asyncFunctions: NodeContender = {
  id: 'async',
  label: 'async functions, a promise each',
  async load() {
    let open: (() => void)[] = [];
    let handles: Promise<void>[] = [];
    const task = async (i: number): Promise<void> => {
      await new Promise<void>((resolve) => (open[i] = resolve));
    };
    return {
      arrange(n) {
        open = new Array(n).fill(null);
        handles = new Array(n).fill(null);
      },
      run(n) {
        for (let i = 0; i < n; i++) handles[i] = task(i);
      },
      async release() {
        for (const wake of open) wake();
        await Promise.all(handles);
        handles = open = [];
      },
    };
  },
};

/** The least an async function can cost while it waits; they can only be woken together. */
const asyncOnOne: NodeContender = {
  id: 'async-one',
  label: 'async functions, one promise for all',
  async load() {
    let open = (): void => {};
    let gate = Promise.resolve();
    let handles: Promise<void>[] = [];
    const task = async (): Promise<void> => {
      await gate;
    };
    return {
      arrange(n) {
        gate = new Promise((resolve) => (open = resolve));
        handles = new Array(n).fill(null);
      },
      run(n) {
        for (let i = 0; i < n; i++) handles[i] = task();
      },
      async release() {
        open();
        await Promise.all(handles);
        handles = [];
      },
    };
  },
};

const effect: NodeContender = {
  id: 'effect',
  label: 'Effect: fibers on one Deferred',
  peer: 'effect',
  async load() {
    const { Deferred, Effect, Fiber } = await loadEffect();
    let gate = Deferred.makeUnsafe();
    let parked = 0;
    let handles: Fiber<void>[] = [];
    const task = Effect.gen(function* () {
      parked++;
      yield* Deferred.await(gate);
    });
    return {
      arrange(n) {
        gate = Deferred.makeUnsafe();
        parked = 0;
        handles = new Array(n).fill(null);
      },
      run(n) {
        for (let i = 0; i < n; i++) handles[i] = Effect.runFork(task);
        return until(() => parked === n);
      },
      async release() {
        await Effect.runPromise(Deferred.succeed(gate, undefined));
        await Effect.runPromise(Fiber.awaitAll(handles));
        handles = [];
      },
    };
  },
};

const effection: NodeContender = {
  id: 'effection',
  label: 'Effection: tasks on one operation',
  peer: 'effection',
  n: 20_000,
  async load() {
    const { run, spawn, withResolvers } = await loadEffection();
    let gate = withResolvers<void>();
    let parked = 0;
    let handles: Task<void>[] = [];
    let all: Task<void> | undefined;
    const task = function* () {
      parked++;
      yield* gate.operation;
    };
    return {
      arrange(n) {
        gate = withResolvers<void>();
        parked = 0;
        handles = new Array(n).fill(null);
      },
      run(n) {
        all = run(function* () {
          for (let i = 0; i < n; i++) handles[i] = yield* spawn(task);
          for (const handle of handles) yield* handle;
        });
        return until(() => parked === n);
      },
      async release() {
        gate.resolve();
        await all;
        handles = [];
        all = undefined;
      },
    };
  },
};

export const row: Row = {
  id: 'memory',
  title: 'memory per parked greenlet',
  per: 'parked task',
  method: 'parked',
  n: 100_000,
  cases: ONE_CASE,
  metrics: HEAP_AND_RSS,
  contenders: [
    ours,
    asyncFunctions,
    asyncOnOne,
    effect,
    effection,
    { id: 'gevent', label: 'Python gevent: Event (RSS only)', script: 'gevent_memory.py' },
  ],
  marks: [
    atMost(350, 'at most 350 B of heap', { metric: 'heap' }),
    aheadOf(1, 'async', 'less heap than an async function', { metric: 'heap' }),
  ],
};
