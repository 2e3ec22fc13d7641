import { hub } from '@switchyard/hub/core';

/** What is left of a result when it is gone: it must not hold the result itself. */
interface Trace {
  readonly error: unknown;
}

const traces = new Set<Trace>();
const byResult = new WeakMap<object, Trace>();
const collected = new FinalizationRegistry<Trace>(tell);

/**
 * A task has failed that nobody has asked for so far: its error is reported when its result is collected as garbage, or at
 * the end of the program. @internal
 */
export function unretrieved(result: object, error: unknown): void {
  const trace: Trace = { error };
  if (traces.size === 0) process.on('exit', tellAll);
  traces.add(trace);
  byResult.set(result, trace);
  collected.register(result, trace, trace);
}

/** Somebody has asked for it after all. @internal */
export function retrieved(result: object): void {
  const trace = byResult.get(result);
  if (trace === undefined) return;
  byResult.delete(result);
  collected.unregister(trace);
  forget(trace);
}

function tell(trace: Trace): void {
  forget(trace);
  hub.reports.report(trace.error, null, 'A task of a pool failed');
}

function tellAll(): void {
  for (const trace of traces) tell(trace);
}

function forget(trace: Trace): void {
  traces.delete(trace);
  if (traces.size === 0) process.off('exit', tellAll);
}
