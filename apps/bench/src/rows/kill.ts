import type { Greenlet } from '@switchyard/gevent';
import { setMaxListeners } from 'node:events';
import { atMost } from '../mark.ts';
import { loadEffect, type Fiber, type Op } from '../npm/effect.ts';
import { loadEffection, type Task } from '../npm/effection.ts';
import { CPU_AND_WALL, ONE_CASE, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { until } from './until.ts';

// Starting the tasks is not measured; killing all of them and having seen all of them end is.

const ours: NodeContender = {
  id: OURS,
  label: 'ours: killall',
  async load() {
    const { Event, killall, spawn } = await import('@switchyard/gevent');
    let greenlets: Greenlet<void>[] = [];
    return {
      arrange(n) {
        const event = new Event();
        let parked = 0;
        const task = function* () {
          parked++;
          yield* event.wait();
        };
        greenlets = Array.from({ length: n }, () => spawn(task));
        return until(() => parked === n);
      },
      run: () => killall(greenlets),
    };
  },
};

/** An async function that can be aborted while it waits, as one writes it by hand. */
async function abortable(signal: AbortSignal): Promise<void> {
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

// One error for all of them: making an AbortError, with its stack, for each would cost more than the abort.
const reason = new Error('aborted');

const abortEach: NodeContender = {
  id: 'abort-each',
  label: 'async, an AbortController each',
  async load() {
    let controllers: AbortController[] = [];
    let ended: Promise<unknown> = Promise.resolve();
    return {
      arrange(n) {
        controllers = Array.from({ length: n }, () => new AbortController());
        ended = Promise.allSettled(controllers.map((controller) => abortable(controller.signal)));
      },
      run() {
        for (const controller of controllers) controller.abort(reason);
        return ended;
      },
    };
  },
};

/** Cheaper, and less: none of the tasks can be stopped by itself. */
const abortAll: NodeContender = {
  id: 'abort-all',
  label: 'async, one AbortController for all',
  async load() {
    let controller = new AbortController();
    let ended: Promise<unknown> = Promise.resolve();
    return {
      arrange(n) {
        controller = new AbortController();
        setMaxListeners(0, controller.signal);
        ended = Promise.allSettled(Array.from({ length: n }, () => abortable(controller.signal)));
      },
      run() {
        controller.abort(reason);
        return ended;
      },
    };
  },
};

/** Effect at its best: what waits for nothing has nowhere to be taken out of. */
const effect: NodeContender = {
  id: 'effect',
  label: 'Effect: interruptAll, on never',
  peer: 'effect',
  async load() {
    const { Effect } = await loadEffect();
    return interruptible(() => Effect.never);
  },
};

/** Like ours, which wait for one event. */
const effectDeferred: NodeContender = {
  id: 'effect-deferred',
  label: 'Effect: interruptAll, on one Deferred',
  peer: 'effect',
  async load() {
    const { Deferred } = await loadEffect();
    return interruptible(() => {
      const gate = Deferred.makeUnsafe();
      return Deferred.await(gate);
    });
  },
};

/** `waiting` is asked once a round for what all fibers of that round wait for. */
async function interruptible(waiting: () => Op): Promise<Work> {
  const { Effect, Fiber } = await loadEffect();
  let fibers: Fiber<void>[] = [];
  return {
    arrange(n) {
      const wait = waiting();
      let parked = 0;
      const task = Effect.gen(function* () {
        parked++;
        yield* wait;
      });
      fibers = Array.from({ length: n }, () => Effect.runFork(task));
      return until(() => parked === n);
    },
    run: () => Effect.runPromise(Fiber.interruptAll(fibers)),
  };
}

const effection: NodeContender = {
  id: 'effection',
  label: 'Effection: task.halt()',
  peer: 'effection',
  slow: true,
  async load() {
    const { run, spawn, withResolvers } = await loadEffection();
    let begin = (): void => {};
    let all: Task<void> | undefined;
    return {
      arrange(n) {
        const never = withResolvers<void>();
        const start = withResolvers<void>();
        begin = start.resolve;
        let parked = 0;
        const task = function* () {
          parked++;
          yield* never.operation;
        };
        all = run(function* () {
          const tasks: Task<void>[] = [];
          for (let i = 0; i < n; i++) tasks.push(yield* spawn(task));
          yield* start.operation;
          for (const each of tasks) yield* each.halt();
        });
        return until(() => parked === n);
      },
      run() {
        begin();
        return all;
      },
    };
  },
};

export const row: Row = {
  id: 'kill',
  title: 'kill 20,000 parked greenlets',
  per: 'task',
  method: 'time',
  n: 20_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    abortEach,
    abortAll,
    effect,
    effectDeferred,
    effection,
    { id: 'gevent', label: 'Python gevent: killall', script: 'gevent_kill.py' },
  ],
  marks: [atMost(1_500, 'at most 1.5 us each')],
};
