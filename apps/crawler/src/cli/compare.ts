import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { analyse } from '../compare/analysis/analyse.ts';
import { checkRanking } from '../compare/analysis/check.ts';
import { diffText } from '../compare/analysis/diff.ts';
import { ComparisonFileError, parseComparison } from '../compare/analysis/parse.ts';
import type { Arena } from '../compare/arena.ts';
import { compare } from '../compare/compare.ts';
import { demoArena } from '../compare/demo-arena.ts';
import { type PlannedCell, plan } from '../compare/plan.ts';
import { htmlReport } from '../compare/report/html.ts';
import { textReport } from '../compare/report/text.ts';
import type { Comparison } from '../compare/result.ts';
import { urlArena } from '../compare/url-arena.ts';
import { DEFAULT_FETCH, type FetchSettings } from '../fetch/settings.ts';
import { isLoopbackHost } from '../url/private.ts';
import { colorsFor } from './colors.ts';
import type { RawDiffOptions } from './compare-command.ts';
import { ComparisonProgress } from './compare-progress.ts';
import { type CompareSettings, requestsOf } from './compare-settings.ts';
import { allowedHosts } from './crawl-settings.ts';
import { onInterrupt } from './interrupt.ts';
import { showCount } from './units.ts';
import { EXIT, UsageError } from './usage-error.ts';

/** More requests than this to sites of others are only made by those who have said so. */
const ASKED_BEYOND = 200;
const WIDTH = 100;

/** Makes a comparison, and shows and writes what it found. @returns the exit code */
export async function runCompare(settings: CompareSettings): Promise<number> {
  const { raw } = settings;
  const colors = colorsFor(raw.color);
  await askFor(settings);
  const abort = new AbortController();
  const progress = raw.quiet ? undefined : new ComparisonProgress(colors);
  const interrupted = onInterrupt((_code, name) => {
    progress?.say(`${name}: stopping; what there is by now follows. Once more to quit at once`);
    abort.abort();
  });
  try {
    const first = await once(settings, raw.seed, abort.signal, progress);
    progress?.stop();
    await show(first, settings);
    const done = interrupted.code ?? (await check(first, settings, abort.signal));
    return interrupted.code ?? done;
  } finally {
    progress?.stop();
    interrupted.off();
  }
}

async function once(
  settings: CompareSettings,
  seed: number,
  signal: AbortSignal,
  progress: ComparisonProgress | undefined,
): Promise<Comparison> {
  const { raw, seeds } = settings;
  const fetch: FetchSettings = { ...DEFAULT_FETCH, trace: true, allowedHosts: allowedHosts(seeds) };
  const arena: Arena =
    seeds.length === 0
      ? await demoArena({ pageSize: raw.pageSize, seed: raw.seed })
      : await urlArena(seeds, settings.plan.pages ?? 1, fetch, signal);
  try {
    return await compare(arena, {
      cells: plan(settings.plan),
      plan: settings.plan,
      runs: raw.runs,
      warmUps: settings.warmUps,
      seed,
      budget: settings.budget,
      robots: seeds.length === 0 ? 'ignore' : 'obey',
      fetch,
      title: seeds.length === 0 ? 'Engines on the demo site' : `Engines on ${seeds.join(', ')}`,
      command: commandLine(),
      commandOf: (cell) => commandOf(cell, settings),
      warnings: [...warningsOfSystem(), ...(seeds.length === 0 ? [] : warningsOfOthers(settings))],
      signal,
      onProgress: (news) => progress?.tell(news),
    });
  } finally {
    await arena.close();
  }
}

async function show(comparison: Comparison, { raw }: CompareSettings): Promise<void> {
  const analysis = analyse(comparison);
  if (raw.json !== undefined) await writeFile(raw.json, `${JSON.stringify(comparison)}\n`);
  if (!raw.quiet) {
    const options = { color: inColor(raw.color), width: process.stdout.columns ?? WIDTH };
    process.stdout.write(`${textReport(comparison, analysis, options)}\n`);
  }
  if (raw.html !== undefined) await writeFile(raw.html, htmlReport(comparison, analysis));
}

/** Whether standard output is to be painted. */
function inColor(wanted: boolean): boolean {
  return wanted && process.stdout.isTTY && colorsFor(true).isColorSupported;
}

/** With `--check`, once more in another order. @returns the exit code: that of an error when the ranking is another one */
async function check(first: Comparison, settings: CompareSettings, signal: AbortSignal): Promise<number> {
  const { raw } = settings;
  if (!raw.check) return EXIT.ok;
  const progress = raw.quiet ? undefined : new ComparisonProgress(colorsFor(raw.color));
  try {
    const second = await once(settings, raw.seed + 1, signal, progress);
    progress?.stop();
    if (signal.aborted) return EXIT.ok;
    const { holds, text } = checkRanking(first, second);
    process.stdout.write(`\n${text}\n`);
    return holds ? EXIT.ok : EXIT.error;
  } finally {
    progress?.stop();
  }
}

/** Says what sites of others are in for, and asks when it is much. @throws UsageError when nobody says yes */
async function askFor(settings: CompareSettings): Promise<void> {
  const { seeds, raw } = settings;
  const far = seeds.filter((seed) => !isLoopbackHost(new URL(seed).hostname));
  if (far.length === 0) return;
  const requests = requestsOf(settings);
  const what = `${showCount(requests)} requests at the most to ${[...new Set(far.map((seed) => new URL(seed).host))].join(', ')}`;
  if (!raw.quiet) process.stderr.write(`This makes ${what}.\n`);
  if (requests <= ASKED_BEYOND || raw.yes) return;
  if (process.stdin.isTTY && process.stderr.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question('Go on? [y/N] ');
    terminal.close();
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new UsageError('Nothing was compared');
  }
  throw new UsageError(
    `These would be ${what}, more than ${ASKED_BEYOND}; pass --yes if those whose site it is do not mind, or fewer --pages, --runs or --engines`,
  );
}

function warningsOfSystem(): string[] {
  if (process.platform === 'linux') return [];
  return [
    `${process.platform} does not tell what other processes use: CPU time of engines with processes is that of reading pages alone, memory that of the main process, and nothing is known of the load of others.`,
  ];
}

function warningsOfOthers({ seeds, warmUps }: CompareSettings): string[] {
  const far = seeds.some((seed) => !isLoopbackHost(new URL(seed).hostname));
  const slow =
    'Four requests at a time and a pause between them are good manners, and make all engines but serial equally slow: compare on the demo site (no URLs) to see what they can do.';
  return [...(far ? [slow] : []), ...(warmUps === 0 ? ['No run was made that does not count.'] : [])];
}

/** The command line, as it would be typed. */
function commandLine(): string {
  return ['switchyard', ...process.argv.slice(2).map(quoted)].join(' ');
}

function quoted(argument: string): string {
  return /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, `'\\''`)}'`;
}

/** What measures this cell alone. */
function commandOf({ at, setting }: PlannedCell, { raw, seeds }: CompareSettings): string {
  const { latency, work } = at.point;
  return [
    'switchyard compare',
    ...seeds,
    `--engines ${setting.engine}`,
    ...(latency === null ? [] : [`--latency ${latency}`]),
    `--work ${quoted(work)}`,
    `--in-flight ${raw.inFlight ?? setting.inFlight}`,
    `--pages ${at.pages}`,
    `--runs ${raw.runs} --seed ${raw.seed}`,
  ].join(' ');
}

/** Says what differs between two comparisons. @throws UsageError when a file is none */
export async function runDiff(files: readonly [string, string], { color }: RawDiffOptions): Promise<number> {
  const [a, b] = [await readComparison(files[0]), await readComparison(files[1])];
  process.stdout.write(`${diffText(a, b, { color: inColor(color) })}\n`);
  return EXIT.ok;
}

async function readComparison(path: string): Promise<Comparison> {
  try {
    return parseComparison(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof ComparisonFileError) throw new UsageError(error.message);
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read "${path}" (${reason})`);
  }
}
