/** Which suites a test file has made, and whether it has started them: uvu passes an unstarted file as "0 tests, fine". */

export interface SuiteEntry {
  readonly title: string;
  registered: number;
  started: boolean;
}

const suites: SuiteEntry[] = [];
let nameFilter = '';

export function registerSuite(title: string): SuiteEntry {
  const entry = { title, registered: 0, started: false };
  suites.push(entry);
  return entry;
}

/** Only tests whose name contains `text` are run. */
export function filterTests(text: string): void {
  nameFilter = text;
}

export function includesTest(name: string): boolean {
  return name.includes(nameFilter);
}

/** What is wrong with how the file registers its tests, in words; null when all is well. */
export function registrationProblem(): string | null {
  const registered = suites.reduce((sum, entry) => sum + entry.registered, 0);
  if (registered === 0) return 'registers no test (import { suite, test } from @switchyard/testing)';
  const forgotten = suites.find((entry) => entry.registered > 0 && !entry.started);
  if (forgotten === undefined) return null;
  const title = forgotten.title === '' ? '' : ` of suite "${forgotten.title}"`;
  const count = forgotten.registered === 1 ? '1 test is' : `${forgotten.registered} tests are`;
  return `never calls run()${title}: ${count} registered and none was run`;
}
