/** How the rows of trivial tasks use a pool, whoever made it: 64 tasks in flight, each of them after the other. */
import type { Coroutine, Waitable } from '@switchyard/hub';

const IN_FLIGHT = 64;

/** Throws unless the value is that of the trivial task, which adds 1. */
export function check(value: unknown, i: number): void {
  if (value !== i + 1) throw new Error(`Expected ${i + 1} of the worker, got ${String(value)}`);
}

/** As many async functions as tasks are to be in flight, each with one task after the other. */
export function clients(n: number, call: (i: number) => PromiseLike<unknown>): Promise<unknown> {
  const client = async (): Promise<void> => {
    for (let i = 0; i < n / IN_FLIGHT; i++) check(await call(i), i);
  };
  return Promise.all(Array.from({ length: IN_FLIGHT }, client));
}

/** The same with greenlets. */
export async function greenletClients(
  call: (i: number) => Waitable<unknown>,
): Promise<(n: number) => PromiseLike<unknown>> {
  const { joinall, spawn } = await import('@switchyard/gevent');
  function* client(count: number): Coroutine<void> {
    for (let i = 0; i < count; i++) check(yield* call(i), i);
  }
  return (n) =>
    joinall(
      Array.from({ length: IN_FLIGHT }, () => spawn(client, n / IN_FLIGHT)),
      { raiseError: true },
    );
}

/** A worker that answers each number with the next, in the order in which it was asked. */
export interface Echo {
  send(value: number): void;
  /** Has it tell its answers to nobody but this one, from now on. */
  listen(answered: (value: number) => void, failed: (error: Error) => void): void;
}

/** A round of bare messages: as many in flight, shared by the workers. */
export function exchangeAll(workers: readonly Echo[], n: number): Promise<unknown> {
  const count = n / workers.length;
  const exchange = (worker: Echo): Promise<void> =>
    new Promise((resolve, reject) => {
      let sent = 0;
      let received = 0;
      worker.listen((value) => {
        if (value !== received + 1) reject(new Error(`Expected ${received + 1}, got ${value}`));
        if (++received === count) resolve();
        else if (sent < count) worker.send(sent++);
      }, reject);
      while (sent < Math.min(count, IN_FLIGHT / workers.length)) worker.send(sent++);
    });
  return Promise.all(workers.map(exchange));
}
