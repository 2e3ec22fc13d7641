import type timersPromises from 'node:timers/promises';
import { Interruptible, isSignal } from './interruptible.ts';
import { currentWork, type Operation, type Work } from './work.ts';

type Options = { signal?: unknown } | null | undefined;
type Starts = (...args: unknown[]) => Promise<unknown>;

/** `setTimeout` and `setImmediate` of `timers/promises`, whose options stand at `at`. @internal */
export function patchedPromise<F>(original: F, at: number): F {
  const start = original as Starts;
  const patched: Starts = (...args) => {
    const work = currentWork();
    const options = args[at] as Options;
    if (work === null || !usable(options)) return start(...args);
    return new Interruptible(work).run(options?.signal as AbortSignal | undefined, (signal) => {
      const all = [...args];
      while (all.length < at) all.push(undefined);
      all[at] = { ...options, signal };
      return start(...all);
    });
  };
  return named(original, patched as F);
}

/** `setInterval` of `timers/promises`. @internal */
export function patchedInterval(
  original: typeof timersPromises.setInterval,
): typeof timersPromises.setInterval {
  return named(original, ((delay?: number, value?: unknown, options?: Options) => {
    const work = currentWork();
    if (work === null || !usable(options)) return original(delay, value, options as never);
    return ticks(work, delay, value, options);
  }) as typeof original);

  async function* ticks(work: Work, delay: number | undefined, value: unknown, options: Options) {
    const operation = new Interruptible(work);
    const aborted = operation.controller.signal;
    const given = options?.signal as AbortSignal | undefined;
    const signal = given === undefined ? aborted : AbortSignal.any([given, aborted]);
    const source = original(delay, value, { ...options, signal } as never)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await operation.run(null, () => source.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      operation.done();
      await source.return?.(undefined);
    }
  }
}

/** The promise of a `new Promise((resolve) => setTimeout(resolve, ms))`. */
class PromiseTimer implements Operation {
  timer: NodeJS.Timeout | null = null;
  private readonly work: Work;
  private readonly settle: (value: unknown) => void;
  private readonly clear: typeof clearTimeout;

  constructor(work: Work, settle: (value: unknown) => void, clear: typeof clearTimeout) {
    this.work = work;
    this.settle = settle;
    this.clear = clear;
    work.pending.add(this);
  }

  fire(value: unknown): void {
    this.done();
    this.settle(value);
  }

  done(): void {
    this.work.pending.delete(this);
  }

  interrupt(error: unknown): void {
    if (this.timer !== null) this.clear(this.timer);
    this.settle(rejection(error));
  }
}

const timers = new WeakMap<object, PromiseTimer>();

/** Global `setTimeout` and `clearTimeout`. Only timers that settle a promise are different. @internal */
export function patchedTimers(
  original: typeof setTimeout,
  clear: typeof clearTimeout,
): { setTimeout: typeof setTimeout; clearTimeout: typeof clearTimeout } {
  const patched = named(original, ((callback: unknown, ms?: number, ...args: unknown[]) => {
    const work = settlesPromise(callback) ? currentWork() : null;
    if (work === null) return (original as (...all: unknown[]) => NodeJS.Timeout)(callback, ms, ...args);
    const operation = new PromiseTimer(work, callback as (value: unknown) => void, clear);
    const timer = original(() => operation.fire(args[0]), ms);
    operation.timer = timer;
    timers.set(timer, operation);
    if (work.interruption !== null) {
      operation.done();
      operation.interrupt(work.interruption.error);
    }
    return timer;
  }) as typeof setTimeout);
  // `util.promisify` looks here.
  for (const key of Object.getOwnPropertySymbols(original)) {
    Object.defineProperty(patched, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
  }
  return {
    setTimeout: patched,
    clearTimeout: named(clear, (timer) => {
      if (typeof timer === 'object' && timer !== null) timers.get(timer)?.done();
      clear(timer);
    }),
  };
}

/** Whether it is the `resolve` or the `reject` of a promise itself, which nothing else looks like. */
function settlesPromise(callback: unknown): boolean {
  return (
    typeof callback === 'function' &&
    callback.name === '' &&
    callback.length === 1 &&
    !Object.hasOwn(callback, 'prototype') &&
    Function.prototype.toString.call(callback) === 'function () { [native code] }'
  );
}

/** What makes a promise that it is given to, by its `resolve` or its `reject`, fail with an error. */
function rejection(error: unknown): object {
  const fail = { value: (_: unknown, reject: (error: unknown) => void) => reject(error) };
  return Object.create(error !== null && typeof error === 'object' ? error : null, { then: fail }) as object;
}

function usable(options: Options): boolean {
  return (
    options === undefined || (typeof options === 'object' && options !== null && isSignal(options.signal))
  );
}

function named<F>(original: F, patched: F): F {
  return Object.defineProperty(patched as object, 'name', {
    value: (original as { name: string }).name,
    configurable: true,
  }) as F;
}
