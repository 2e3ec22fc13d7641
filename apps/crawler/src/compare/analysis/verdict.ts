import type { Cell, Comparison, Point } from '../result.ts';
import { type Crossover, firstPool } from './crossover.ts';
import { ENOUGH_RUNS } from './doubts.ts';
import { clearlyFaster, compareEstimates, isOneThread, isPool, measured, most } from './points.ts';
import { type Standing, winners } from './ranking.ts';
import {
  describePoint,
  list,
  plain,
  sentence,
  showBytes,
  showFaster,
  showInterval,
  showMilliseconds,
  showNumber,
  unit,
  was,
} from './words.ts';

const UNDECIDED = 'Not decided';
/** From this share on more memory is a reason to choose, and a higher median is worth a word. */
const NOTABLE = 0.15;

const rate = (cell: Cell): number => cell.summary.pagesPerSecond.median;
const names = (cells: readonly Cell[], last: 'and' | 'or' = 'and'): string =>
  list(
    cells.map(({ setting }) => plain(setting)),
    last,
  );

/** Who was fastest at a point, by how much, and what that costs. */
export function verdictAt(comparison: Comparison, standings: readonly Standing[]): string {
  const equal = standings.filter(({ place }) => place !== null);
  const best = winners(standings);
  const [first] = best;
  if (first === undefined) return 'Nothing could be measured here.';
  const speed = `${showNumber(rate(first))} ${unit(comparison)}s a second (95 %: ${showInterval(first.summary.pagesPerSecond.interval)})`;
  if (equal.length === 1) return `${sentence(plain(first.setting))}: ${speed}; nothing to compare with.`;
  const next = equal.find(({ place }) => place !== null && place > 1)?.cell;
  const small = next !== undefined && !clearlyFaster(first, next) ? ', which is too little to choose by' : '';
  const told = best.every((cell) => isNear(cell, first));
  const lead =
    next === undefined
      ? ''
      : `${told ? ',' : `; ${plain(first.setting)} ${was(first.setting)}`} ${showFaster(rate(first), rate(next))} ${plain(next.setting)}${small}`;
  const front =
    best.length === 1
      ? `${sentence(plain(first.setting))}: ${speed}`
      : told
        ? `No difference between ${names(best)}: about ${speed}`
        : `No difference shown between ${names(best)}: medians of ${list(best.map((cell) => showNumber(rate(cell))))} ${unit(comparison)}s a second, and intervals that overlap`;
  return `${front}${lead}.${costs(best, next)}${atBest(comparison, first, standings)}`;
}

/** Among those that are equally fast, who is cheapest; of a single winner, what it needs more than the next. */
function costs(best: readonly Cell[], next: Cell | undefined): string {
  const [first] = best as readonly [Cell];
  const among = best.length > 1 ? best : next === undefined ? [] : [first, next];
  const memory = clearlyLeast(among, 'memory');
  const cpu = clearlyLeast(among, 'cpuPerPage');
  if (best.length === 1 && memory === first && cpu === first) return '';
  const parts = [
    ...(memory === undefined
      ? []
      : [[memory, `least memory (${showBytes(memory.summary.memory.median)})`] as const]),
    ...(cpu === undefined
      ? []
      : [[cpu, `least CPU time (${showMilliseconds(cpu.summary.cpuPerPage.median)} each)`] as const]),
  ];
  const [one, other] = parts;
  if (one === undefined) return '';
  const of = best.length > 1 ? 'Of these' : `Of ${names(among)}`;
  const need = (cell: Cell): string =>
    `${plain(cell.setting)} ${was(cell.setting) === 'were' ? 'need' : 'needs'}`;
  if (other === undefined) return ` ${of}, ${need(one[0])} ${one[1]}.`;
  if (one[0] === other[0]) return ` ${of}, ${need(one[0])} ${one[1]} and ${other[1]}.`;
  return ` ${of}, ${need(one[0])} ${one[1]}, ${plain(other[0].setting)} ${other[1]}.`;
}

/** The one that needs less than each of the others, beyond chance; none, where there is no such. */
function clearlyLeast(cells: readonly Cell[], cost: 'memory' | 'cpuPerPage'): Cell | undefined {
  const least = most(cells, (cell) => -cell.summary[cost].median);
  const clear = cells.every(
    (cell) => cell === least || compareEstimates(cell.summary[cost], (least as Cell).summary[cost]) === 1,
  );
  return clear ? least : undefined;
}

/** Whoever is faster when it need not keep to equal terms. */
function atBest(comparison: Comparison, first: Cell, standings: readonly Standing[]): string {
  const better = standings
    .map(({ cell }) => cell)
    .filter((cell) => cell.setting.terms === 'best' && measured(cell) && clearlyFaster(cell, first));
  if (better.length === 0) return '';
  const parts = better.map(
    ({ setting, ...cell }) =>
      `${setting.engine} with ${setting.inFlight} in flight ${showNumber(cell.summary.pagesPerSecond.median)}`,
  );
  return ` Not at equal terms, but set as they are best run: ${list(parts)} ${unit(comparison)}s a second.`;
}

/** The answer in one line. */
export function headline(
  comparison: Comparison,
  rankings: readonly (readonly Standing[])[],
  found: readonly Crossover[],
): string {
  const known = rankings.filter((standings) => winners(standings).length > 0);
  if (known.length === 0) return 'Nothing could be measured.';
  const least = Math.min(
    ...known.flatMap((standings) => winners(standings).map(({ summary }) => summary.pagesPerSecond.count)),
  );
  const claim = claimOf(comparison, known, found);
  if (claim.startsWith(UNDECIDED)) return claim;
  const front = known.flatMap((standings) => winners(standings));
  if (front.some(({ runs }) => runs.every(({ dirty }) => dirty)))
    return `Not sure, as other processes disturbed the runs: ${claim}`;
  return least >= ENOUGH_RUNS
    ? claim
    : `Not sure yet, with ${least} ${least === 1 ? 'run' : 'runs'} each: ${claim}`;
}

function claimOf(
  comparison: Comparison,
  rankings: readonly (readonly Standing[])[],
  found: readonly Crossover[],
): string {
  const [only] = rankings;
  if (rankings.length === 1 && only !== undefined) return atOnePoint(only);
  if (found.length > 0) return acrossWork(found, rankings);
  return comparison.kind === 'tasks' ? perTask(rankings) : perPoint(comparison, rankings);
}

/** Whether the medians say so too: where intervals are wide, to overlap is no proof of being as fast. */
function isNear(cell: Cell, fastest: Cell): boolean {
  return rate(fastest) <= rate(cell) * (1 + NOTABLE);
}

/** The cheapest of those that are as fast as the fastest, or so nearly that it does not matter. */
function atOnePoint(standings: readonly Standing[]): string {
  const equal = standings.filter(({ place }) => place !== null).map(({ cell }) => cell);
  const fastest = equal[0] as Cell;
  const candidates = equal.filter((cell) => !clearlyFaster(fastest, cell));
  const near = candidates.filter((cell) => isNear(cell, fastest));
  const unclear = candidates.filter((cell) => !near.includes(cell));
  if (unclear.length > 0)
    return `${UNDECIDED}: ${names(near)} had the highest median${near.length > 1 ? 's' : ''}, and the runs differ too much to tell ${near.length > 1 ? 'them' : was(fastest.setting) === 'were' ? 'them' : 'it'} from ${names(unclear, 'or')}.`;
  if (near.length === 1) return `Use ${plain(fastest.setting)}.`;
  const memory = (cell: Cell): number => cell.summary.memory.median;
  const least = Math.min(...near.map(memory));
  const chosen = near.filter((cell) => memory(cell) <= least * (1 + NOTABLE));
  const others = near.filter((cell) => !chosen.includes(cell));
  const tied = chosen.length > 1 ? ': no difference that matters between them' : '';
  const use = `Use ${names(chosen, 'or')}${tied}`;
  if (others.length === 0) return `${use}.`;
  const plural = others.length > 1 || was((others[0] as Cell).setting) === 'were';
  const rest = `${names(others)} ${plural ? 'are' : 'is'} as fast, and ${plural ? 'need' : 'needs'} more memory.`;
  return `${use}${tied === '' ? ': ' : '; '}${rest}`;
}

/** From the pools that overtake first at each latency. */
function acrossWork(found: readonly Crossover[], rankings: readonly (readonly Standing[])[]): string {
  const id = found[0]?.one ?? '';
  const one = plain({ id, engine: id });
  const latencies = [...new Set(found.map(({ latency }) => latency))];
  const firsts = latencies.flatMap((latency) => {
    const here = found.filter((candidate) => candidate.latency === latency);
    const first = firstPool(here);
    return first === undefined ? [] : [{ first, pools: list(alongside(first, here)), latency }];
  });
  const highest = Math.max(...firsts.map(({ first }) => first.over[1]));
  if (firsts.every(({ first }) => first.kind === 'never'))
    return `Use ${one}: up to ${showMilliseconds(highest)} of work a page, the most that was measured, no pool was clearly faster.`;
  if (firsts.every(({ first }) => first.kind === 'always'))
    return `Use ${bestPools(rankings)}: faster than ${one} at every amount of work that was measured.`;
  const [only] = firsts;
  if (firsts.length === 1 && only !== undefined)
    return `Use ${one}; ${only.pools} ${/s$| and /.test(only.pools) ? 'begin' : 'begins'} to win above ${showMilliseconds(only.first.at ?? 0)} of work a page.`;
  // Shortest first; the pools are named below.
  const parts = firsts.map(({ first: { kind, at }, latency }) => {
    const where = latency === null ? '' : ` at ${showMilliseconds(latency)} latency`;
    if (kind === 'never') return `not${where}`;
    return kind === 'always' ? `throughout${where}` : `above ${showMilliseconds(at ?? 0)} of work${where}`;
  });
  return `Use ${one} where a page needs little work. Pools win ${list(parts)}.`;
}

/** The pools that cannot be told from the one that overtakes first. */
function alongside(first: Crossover, found: readonly Crossover[]): string[] {
  const limit = first.range?.[1] ?? 0;
  return found
    .filter(({ kind, range }) => kind === first.kind && (kind !== 'found' || (range?.[0] ?? 0) <= limit))
    .map(({ pool }) => pool);
}

function bestPools(rankings: readonly (readonly Standing[])[]): string {
  const pools = rankings.flatMap((standings) => winners(standings).filter(isPool));
  return list([...new Set(pools.map(({ setting }) => plain(setting)))], 'or');
}

function perTask(rankings: readonly (readonly Standing[])[]): string {
  const parts = rankings.map((standings) => {
    const best = winners(standings);
    return `${best[0]?.point.work}: ${names(best, 'or')}`;
  });
  return `Fastest: ${parts.join('; ')}.`;
}

function perPoint(comparison: Comparison, rankings: readonly (readonly Standing[])[]): string {
  const [first] = rankings;
  const everywhere = winners(first ?? []).filter(({ setting }) =>
    rankings.every((standings) => winners(standings).some((cell) => cell.setting.id === setting.id)),
  );
  if (everywhere.length > 0) return `Use ${names(everywhere, 'or')}: nothing was faster at any point.`;
  const parts = rankings.map((standings) => {
    const best = winners(standings);
    return `${names(best, 'or')} at ${describePoint((best[0] as Cell).point, comparison)}`;
  });
  return `It depends: ${list(parts)}.`;
}

/** For what the verdict holds, and what would change it. */
export function reach(
  comparison: Comparison,
  points: readonly Point[],
  rankings: readonly (readonly Standing[])[],
): string {
  if (rankings.every((standings) => winners(standings).length === 0)) return 'Why not is said below.';
  const machine = `on this machine (${comparison.environment.cores} ${comparison.environment.cores === 1 ? 'core' : 'cores'})`;
  const [only] = points;
  if (points.length !== 1 || only === undefined)
    return `This holds for the points that were measured, ${machine}. Between them it is read off the lines; beyond them nothing is known.`;
  const where = `This holds for ${describePoint(only, comparison)}, ${machine}, and nothing else was measured.`;
  const one = most(
    (rankings[0] ?? [])
      .filter(({ cell, place }) => place !== null && isOneThread(cell))
      .map(({ cell }) => cell),
    rate,
  );
  if (one === undefined || comparison.kind === 'tasks') return where;
  const busy = (rate(one) * one.summary.cpuPerPage.median) / 1000;
  const latency = only.latency ?? one.summary.latency.p50;
  const rule = latency / one.setting.inFlight;
  const cost = one.summary.cpuPerPage.median;
  const name = plain(one.setting);
  if (busy >= 0.85)
    return `${where} With ${name} ${showNumber(busy)} cores were busy: the one thread is full, so more in flight would not help; less work a page or a longer latency would favour ${name}, more work would favour pools.`;
  const room = rule - cost;
  if (room <= 0) return `${where} More work a page would favour pools, a longer latency ${name}.`;
  return `${where} With ${name} ${showNumber(busy)} of a core was busy. By the rule latency / in flight, about ${showMilliseconds(room)} more work a page would fill it, and pools would begin to win: to be measured, not known.`;
}
