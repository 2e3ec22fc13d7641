import { AsyncLocalStorage, type AsyncResource } from 'node:async_hooks';
import { type Greenlet, getcurrent } from '@switchyard/greenlet';
import { NATIVE } from '@switchyard/greenlet/scheduler';
import { captureContext, hub, type Scopes } from '@switchyard/hub/core';

/** Something under way in async code, which can be cut short. @internal */
export interface Operation {
  interrupt(error: unknown): void;
}

/**
 * What a greenlet has started in async code, from its start or its last interrupt on to the next. It travels with the
 * async context, below any number of awaits. @internal
 */
export class Work {
  /** What ended it: all that is begun later in the same async code fails with it as well. */
  interruption: { readonly error: unknown } | null = null;
  readonly pending = new Set<Operation>();

  interrupt(error: unknown): void {
    this.interruption = { error };
    const pending = [...this.pending];
    this.pending.clear();
    for (const operation of pending) operation.interrupt(error);
  }
}

const storage = new AsyncLocalStorage<Work>();
const works = new WeakMap<Greenlet, Work>();
const thrown = new WeakSet<object>();

/** The work that whatever is called now belongs to; null outside of greenlets. @internal */
export function currentWork(): Work | null {
  if (hub.scopes === null) return null;
  const greenlet = getcurrent();
  if ((greenlet.flags & NATIVE) !== 0) return storage.getStore() ?? null;
  let work = works.get(greenlet);
  if (work === undefined) works.set(greenlet, (work = new Work()));
  return work;
}

/** Whether an error is an interrupt that has been thrown into async code, or was caused by one. @internal */
export function isThrown(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < 8 && cause !== null && typeof cause === 'object'; depth++) {
    if (thrown.has(cause)) return true;
    cause = (cause as { cause?: unknown }).cause;
  }
  return false;
}

const scopes: Scopes = {
  contextOf(greenlet) {
    const work = new Work();
    works.set(greenlet, work);
    return storage.run(work, captureContext);
  },

  interrupted(greenlet, error) {
    const work = works.get(greenlet);
    if (work === undefined) return;
    if (error !== null && typeof error === 'object') thrown.add(error);
    // What it does from now on, in its cleanup or after it has caught the interrupt, is new work.
    renew(greenlet);
    work.interrupt(error);
  },
};

/** Begins to follow what greenlets start, also those that live already. @internal */
export function follow(): void {
  hub.scopes = scopes;
  for (const greenlet of hub.registry) renew(greenlet as unknown as Greenlet);
}

/** Ends it: what is under way is left alone from now on. @internal */
export function unfollow(): void {
  hub.scopes = null;
  storage.disable();
}

function renew(greenlet: Greenlet): void {
  works.delete(greenlet);
  const context = greenlet.context as AsyncResource | null;
  if (context === null) return;
  greenlet.context = context.runInAsyncScope(scopes.contextOf, scopes, greenlet);
  if (getcurrent() === greenlet) storage.enterWith(works.get(greenlet) as Work);
}
