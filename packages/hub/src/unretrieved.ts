/** Reports an error. It must not refer to the object whose error it is. */
type Report = () => void;

const reports = new Set<Report>();
const reportOf = new WeakMap<object, Report>();
const registry = new FinalizationRegistry<Report>(make);

/**
 * Something failed, and nobody has taken notice so far: that is reported when it is collected as garbage, or when the
 * process ends, unless `retrieved` is called before.
 *
 * @param failed a future, a result
 * @param report reports its error, without referring to `failed`
 * @internal
 */
export function unretrieved(failed: object, report: Report): void {
  if (reportOf.has(failed)) return;
  if (reports.size === 0) process.once('exit', makeAll);
  reports.add(report);
  reportOf.set(failed, report);
  registry.register(failed, report, failed);
}

/** Somebody has taken notice of it after all. @internal */
export function retrieved(failed: object): void {
  const report = reportOf.get(failed);
  if (report === undefined) return;
  reportOf.delete(failed);
  registry.unregister(failed);
  forget(report);
}

function forget(report: Report): void {
  if (reports.delete(report) && reports.size === 0) process.off('exit', makeAll);
}

function make(report: Report): void {
  forget(report);
  report();
}

function makeAll(): void {
  for (const report of reports) make(report);
}
