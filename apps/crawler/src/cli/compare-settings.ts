import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { COMPARED, settingsOf } from '../compare/settings-of.ts';
import type { PlanOptions } from '../compare/plan.ts';
import { ENGINES } from '../engines/engines.ts';
import { parseWorkload } from '../workload/parse-workload.ts';
import { WorkloadError } from '../workload/perform.ts';
import type { Workload } from '../workload/workload.ts';
import type { RawCompareOptions } from './compare-command.ts';
import { startUrl } from './start-url.ts';
import { UsageError } from './usage-error.ts';

/** A comparison that can be made. Times are milliseconds. */
export interface CompareSettings {
  readonly raw: RawCompareOptions;
  /** Canonical URLs; none for the demo site. */
  readonly seeds: readonly string[];
  readonly plan: PlanOptions;
  /** What it may take, when it is the quick one. */
  readonly budget: number;
  readonly warmUps: number;
}

interface Preset {
  readonly latencies: readonly number[];
  readonly works: readonly string[];
  readonly inFlight: number;
  readonly serialTime: number;
  readonly mostPages: number;
}

/** Answers in under a minute: pages that are waited for, and pages that cost something. */
const QUICK: Preset = {
  latencies: [20],
  works: ['links', '10ms'],
  // Two workers a core, which are to start six times and more.
  inFlight: Math.min(16, Math.max(4, 2 * availableParallelism())),
  serialTime: 600,
  mostPages: 320,
};
/** A place or two that the user names. */
const SOME: Preset = { ...QUICK, works: ['links'], inFlight: 16, serialTime: 2_000, mostPages: 640 };
const FULL: Preset = {
  latencies: [0, 10, 50, 200],
  works: ['links', 'dom', '4ms', '16ms'],
  inFlight: 16,
  serialTime: 4_000,
  mostPages: 1_024,
};

/** Of the minute that a quick one may take, what is for the runs: the rest is for the start and the report. */
const QUICK_BUDGET = 52_000;
/** Pages of sites of others: every engine fetches each several times. */
const PAGES_OF_OTHERS = 10;

/** @throws UsageError for what cannot work, before anything is started. */
export async function compareSettings(
  urls: readonly string[],
  raw: RawCompareOptions,
): Promise<CompareSettings> {
  const seeds = [...new Set(urls.map(startUrl))];
  if (seeds.length > 0) checkOthers(raw);
  const names = enginesOf(raw);
  for (const path of [raw.json, raw.html]) if (path !== undefined) checkWritable(path);
  const quick = !raw.full && raw.latency === undefined && raw.work === undefined && seeds.length === 0;
  const preset = raw.full ? FULL : quick ? QUICK : SOME;
  const works = await Promise.all((raw.work ?? (seeds.length > 0 ? ['links'] : preset.works)).map(workload));
  const inFlight = raw.inFlight ?? preset.inFlight;
  return {
    raw,
    seeds,
    plan: {
      settings: names.flatMap((name) => settingsOf(ENGINES.get(name)!, inFlight)),
      latencies: seeds.length > 0 ? [null] : (raw.latency ?? preset.latencies),
      works,
      pages: raw.pages ?? (seeds.length > 0 ? PAGES_OF_OTHERS : undefined),
      serialTime: preset.serialTime,
      mostPages: preset.mostPages,
    },
    budget: quick ? QUICK_BUDGET : Infinity,
    // A run that does not count is one more visit to somebody's site.
    warmUps: seeds.length > 0 ? 0 : 1,
  };
}

function checkOthers({ demo, latency, full }: RawCompareOptions): void {
  if (demo)
    throw new UsageError('--demo is the demo site, and URLs are sites of others: write one or the other');
  if (latency !== undefined)
    throw new UsageError('--latency is that of the demo site; leave it out, or leave out the URLs');
  if (full)
    throw new UsageError(
      "--full goes through latencies, which are the demo site's; leave it out, or leave out the URLs",
    );
}

function enginesOf({ engines }: RawCompareOptions): string[] {
  const known = COMPARED.filter((name) => ENGINES.has(name));
  if (engines === undefined) return known;
  for (const name of engines) {
    if (!known.some((one) => one === name))
      throw new UsageError(`There is no engine "${name}"; write some of ${known.join(',')} as --engines`);
  }
  return known.filter((name) => engines.includes(name));
}

async function workload(text: string): Promise<Workload> {
  try {
    return await parseWorkload(text);
  } catch (error) {
    if (error instanceof WorkloadError) throw new UsageError(error.message);
    throw error;
  }
}

/** Half an hour of measuring must not end with a folder that is not there. */
export function checkWritable(path: string): void {
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory() === true) throw new Error('it is a folder');
    accessSync(existing === undefined ? dirname(resolve(path)) : path, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write to "${path}" (${reason}); name a file in a folder that exists`);
  }
}

/** The requests that sites of others will see at the most, and the hosts. */
export function requestsOf({ plan, raw, seeds, warmUps }: CompareSettings): number {
  const pages = plan.pages ?? 0;
  const perRun = pages + seeds.length; // each run reads robots.txt, as a crawl does
  const runs = plan.settings.length * plan.works.length * (raw.runs + warmUps) * (raw.check ? 2 : 1);
  return perRun * runs + perRun * (raw.check ? 2 : 1);
}
