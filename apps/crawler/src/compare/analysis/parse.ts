import { type Comparison, FORMAT } from '../result.ts';

/** Thrown for a file that cannot be read as a comparison. */
export class ComparisonFileError extends Error {
  override readonly name = 'ComparisonFileError';
}

/**
 * The comparison that `text` holds, as `compare --json` wrote it.
 *
 * @param name the file's, for messages
 * @throws ComparisonFileError when it is no comparison, one of another format, or has been cut off
 */
export function parseComparison(text: string, name: string): Comparison {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ComparisonFileError(`${name} ${brokenBy(text, error as Error)}`);
  }
  const format = isObject(value) ? value['format'] : undefined;
  if (typeof format !== 'string' || !format.startsWith('switchyard-compare/'))
    throw new ComparisonFileError(
      `${name} is not a comparison: expected an object with "format": "${FORMAT}", got ${brief(isObject(value) ? (format ?? value) : value)}; write one with compare --json`,
    );
  if (format !== FORMAT)
    throw new ComparisonFileError(
      `${name} has the format ${format}, and this version of Switchyard reads ${FORMAT}: read it with the version that wrote it, or compare again`,
    );
  const problem = check(value, COMPARISON, 'it');
  if (problem !== null) throw new ComparisonFileError(`${name} is not a whole comparison: ${problem}`);
  return value as Comparison;
}

function brokenBy(text: string, error: Error): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'is empty: write a comparison into it with compare --json';
  if (trimmed.startsWith('{') && !trimmed.endsWith('}'))
    return `ends too early, after ${text.length.toLocaleString('en-US')} characters: it has been cut off, or is still being written`;
  return `is not JSON: ${error.message}`;
}

/** What is asked of a value: a type by name, `list` of something, or an object with parts. A question mark allows `null`. */
type Wanted = 'number' | 'string' | 'number?' | 'string?' | 'boolean' | readonly [Wanted] | Parts | Maybe;
interface Parts {
  readonly [name: string]: Wanted;
}
class Maybe {
  readonly wanted: Wanted;
  constructor(wanted: Wanted) {
    this.wanted = wanted;
  }
}

const ESTIMATE: Parts = {
  median: 'number',
  low: 'number',
  high: 'number',
  count: 'number',
  interval: ['number'],
};
const PERCENTILES: Parts = { p50: 'number', p90: 'number', p99: 'number', max: 'number' };
const TIMELINE: Parts = {
  until: 'number',
  workers: [{ name: 'string', spans: [{ start: 'number', arrived: 'number', done: 'number' }] }],
  samples: [
    {
      at: 'number',
      inFlight: 'number',
      pages: 'number',
      cores: 'number?',
      memory: 'number?',
      loopLag: 'number?',
    },
  ],
};
const RUN: Parts = {
  order: 'number',
  wall: 'number',
  startup: 'number',
  cpu: { user: 'number', system: 'number' },
  pages: 'number',
  requests: 'number',
  latency: PERCENTILES,
  fromDue: PERCENTILES,
  loopLag: new Maybe(PERCENTILES),
  memory: { bytes: 'number', kind: 'string' },
  serverPeak: 'number?',
  digest: 'string',
  foreign: 'number?',
  dirty: 'boolean',
};
const CELL: Parts = {
  point: { latency: 'number?', work: 'string' },
  setting: {
    id: 'string',
    engine: 'string',
    terms: 'string',
    inFlight: 'number',
    workers: 'number',
    each: 'number',
  },
  runs: [RUN],
  timeline: new Maybe(TIMELINE),
  command: 'string',
  failed: 'string?',
};
/** Of a cell that failed nothing is known, so nothing is asked. */
const SUMMARY: Parts = {
  pagesPerSecond: ESTIMATE,
  cpuPerPage: ESTIMATE,
  speedUp: new Maybe(ESTIMATE),
  memory: ESTIMATE,
  startup: ESTIMATE,
  latency: PERCENTILES,
  fromDue: PERCENTILES,
  loopLag: new Maybe(PERCENTILES),
  serverPeak: 'number?',
};
const COMPARISON: Parts = {
  title: 'string',
  started: 'string',
  took: 'number',
  kind: 'string',
  seed: 'number',
  subjects: ['string'],
  pages: 'number',
  environment: {
    cpu: 'string',
    cores: 'number',
    memory: 'number',
    system: 'string',
    node: 'string',
    v8: 'string',
    switchyard: 'string',
    load: ['number'],
  },
  command: 'string',
  capacity: 'number?',
  cells: [CELL],
  warnings: ['string'],
};

/** What is wrong with a value, or `null`. */
function check(value: unknown, wanted: Wanted, path: string): string | null {
  if (wanted instanceof Maybe) return value === null ? null : check(value, wanted.wanted, path);
  if (typeof wanted === 'string') {
    if (wanted.endsWith('?') && value === null) return null;
    const type = wanted.replace('?', '');
    return typeof value === type
      ? null
      : expected(path, `a ${type}${wanted.endsWith('?') ? ' or null' : ''}`, value);
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(value)) return expected(path, 'a list', value);
    return firstProblem(value, (item, index) => check(item, wanted[0] as Wanted, `${path}[${index}]`));
  }
  if (!isObject(value)) return expected(path, 'an object', value);
  const names = Object.entries(wanted as Parts);
  const problem = firstProblem(names, ([name, part]) =>
    check(value[name], part, path === 'it' ? name : `${path}.${name}`),
  );
  if (problem !== null || wanted !== CELL) return problem;
  return value['failed'] === null ? check(value['summary'], SUMMARY, `${path}.summary`) : null;
}

function firstProblem<T>(
  items: readonly T[],
  problem: (item: T, index: number) => string | null,
): string | null {
  for (const [index, item] of items.entries()) {
    const found = problem(item, index);
    if (found !== null) return found;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const expected = (path: string, what: string, value: unknown): string =>
  `expected ${what} as ${path}, got ${brief(value)}`;

function brief(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
