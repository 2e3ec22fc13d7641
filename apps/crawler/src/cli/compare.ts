import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { diffText } from '../compare/analysis/diff.ts';
import { ComparisonFileError, parseComparison } from '../compare/analysis/parse.ts';
import type { Arena } from '../compare/arena.ts';
import { compare } from '../compare/compare.ts';
import { demoArena } from '../compare/demo-arena.ts';
import { type PlannedCell, plan } from '../compare/plan.ts';
import type { Comparison } from '../compare/result.ts';
import { systemWarnings } from '../compare/system-warnings.ts';
import { urlArena } from '../compare/url-arena.ts';
import { DEFAULT_FETCH, type FetchSettings } from '../fetch/settings.ts';
import { isLoopbackHost } from '../url/private.ts';
import type { RawDiffOptions } from './compare-command.ts';
import type { ComparisonProgress } from './compare-progress.ts';
import { type CompareSettings, requestsOf } from './compare-settings.ts';
import { allowedHosts } from './crawl-settings.ts';
import { commandLine, compareAndShow, inColor, quoted } from './show-comparison.ts';
import { showCount } from './units.ts';
import { EXIT, UsageError } from './usage-error.ts';

/** More requests than this to sites of others are only made by those who have said so. */
const ASKED_BEYOND = 200;

/** Makes a comparison of crawls, and shows and writes what it found. @returns the exit code */
export async function runCompare(settings: CompareSettings): Promise<number> {
  await askFor(settings);
  return await compareAndShow(settings.raw, (seed, signal, progress) =>
    once(settings, seed, signal, progress),
  );
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
      warnings: [...systemWarnings('crawls'), ...(seeds.length === 0 ? [] : warningsOfOthers(settings))],
      signal,
      onProgress: (news) => progress?.tell(news),
    });
  } finally {
    await arena.close();
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

function warningsOfOthers({ seeds, warmUps }: CompareSettings): string[] {
  const far = seeds.some((seed) => !isLoopbackHost(new URL(seed).hostname));
  const slow =
    'Four requests at a time and a pause between them are good manners, and make all engines but serial equally slow: compare on the demo site (no URLs) to see what they can do.';
  return [...(far ? [slow] : []), ...(warmUps === 0 ? ['No run was made that does not count.'] : [])];
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
