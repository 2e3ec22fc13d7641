import { hub } from '@switchyard/hub/core';
import { UnretrievedError } from './errors.ts';

/** What is left to report of a future when it is gone; it must not refer to the future itself. */
interface Record {
  readonly name: string;
  readonly error: unknown;
}

const records = new Set<Record>();
const recordOf = new WeakMap<object, Record>();
const registry = new FinalizationRegistry<Record>(report);

/**
 * A future failed and nobody has taken notice so far: its error is reported when the future is collected as garbage, or
 * when the process ends, unless somebody asks for it before. @internal
 */
export function unretrieved(future: object, name: string, error: unknown): void {
  if (recordOf.has(future)) return;
  const record: Record = { name, error };
  if (records.size === 0) process.once('exit', reportAll);
  records.add(record);
  recordOf.set(future, record);
  registry.register(future, record, future);
}

/** Somebody has taken notice of it after all. @internal */
export function retrieved(future: object): void {
  const record = recordOf.get(future);
  if (record === undefined) return;
  recordOf.delete(future);
  registry.unregister(future);
  forget(record);
}

function forget(record: Record): void {
  if (records.delete(record) && records.size === 0) process.off('exit', reportAll);
}

function report(record: Record): void {
  forget(record);
  hub.reports.report(new UnretrievedError(record.name, record.error), null, 'A task failed');
}

function reportAll(): void {
  for (const record of records) report(record);
}
