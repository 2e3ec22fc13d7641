import type { Comparison, Point } from '../result.ts';
import { type Crossover, crossovers } from './crossover.ts';
import { doubts } from './doubts.ts';
import { cellsAt, pointsOf } from './points.ts';
import { rank, type Standing, winners } from './ranking.ts';
import { type Unsuited, unsuited } from './unsuited.ts';
import { headline, reach, verdictAt } from './verdict.ts';
import { describePoint, list, plain, showInterval, showMilliseconds, showTimes, was } from './words.ts';

/** One point, ranked. */
export interface PointAnalysis {
  readonly point: Point;
  /** `50 ms latency, 4 ms of work a page`. */
  readonly label: string;
  /** The fastest first; those that failed last. */
  readonly standings: readonly Standing[];
  /** Ids of those that nobody was faster than: several, where there is no difference. */
  readonly winners: readonly string[];
  readonly verdict: string;
}

/** What follows from a comparison, in plain words and as data. Nothing in it goes beyond what was measured. */
export interface Analysis {
  /** The answer in one line. */
  readonly headline: string;
  /** For what it holds, and what would change it. */
  readonly reach: string;
  readonly points: readonly PointAnalysis[];
  /** Where pools overtake coroutines; none where fewer than two amounts of work were compared. */
  readonly crossovers: readonly Crossover[];
  /** A sentence for each of them, in the same order. */
  readonly crossings: readonly string[];
  readonly unsuited: readonly Unsuited[];
  /** What should be known before the figures are believed. */
  readonly warnings: readonly string[];
}

/** Ranks every point, finds where pools overtake coroutines, and says in plain words what follows. */
export function analyse(comparison: Comparison): Analysis {
  const points = pointsOf(comparison);
  const rankings = points.map((point) => rank(cellsAt(comparison, point)));
  const found = crossovers(comparison);
  return {
    headline: headline(comparison, rankings, found),
    reach: reach(comparison, points, rankings),
    points: points.map((point, index) => {
      const standings = rankings[index] as readonly Standing[];
      return {
        point,
        label: describePoint(point, comparison),
        standings,
        winners: winners(standings).map(({ setting }) => setting.id),
        verdict: verdictAt(comparison, standings),
      };
    }),
    crossovers: found,
    crossings: found.map(crossing),
    unsuited: unsuited(comparison, rankings, found),
    warnings: doubts(comparison),
  };
}

/** What was found, beside what was predicted. */
function crossing({
  latency,
  one,
  pool,
  kind,
  at,
  range,
  between,
  over,
  gain,
  prediction,
}: Crossover): string {
  const where = latency === null ? '' : `At ${showMilliseconds(latency)} latency, `;
  const rival = plain({ id: one, engine: one });
  const found =
    kind === 'never'
      ? `${pool} did not clearly overtake ${rival} up to ${showMilliseconds(over[1])} of work a page`
      : kind === 'always'
        ? `${pool} ${was({ id: pool, engine: pool })} ahead of ${rival} from ${showMilliseconds(over[0])} of work a page on`
        : `${pool} overtook ${rival} at ${showMilliseconds(at ?? 0)} of work a page (95 %: ${showInterval(range ?? over, showMilliseconds)}; measured at ${list((between ?? over).map(showMilliseconds))})`;
  const gained = kind === 'never' ? '' : `; ${showTimes(gain)} as fast at ${showMilliseconds(over[1])}`;
  return `${where}${found}${gained}. ${predicted(prediction)}`.replace(/^./, (letter) =>
    letter.toUpperCase(),
  );
}

function predicted({
  rule,
  refined,
  latency,
  latencyMeasured,
  inFlight,
  cores,
  costs,
}: Crossover['prediction']): string {
  if (rule === null || latency === null) return 'Nothing can be predicted without a latency.';
  if (refined === null) return 'Predicted: never, as the pool has no second core to use.';
  const measured = latencyMeasured ? ' (as seen)' : '';
  const parts = [
    `${showMilliseconds(latency)}${measured} / ${inFlight} in flight = ${showMilliseconds(rule)}`,
    `with the ${showMilliseconds(costs.one)} that a page costs the one thread besides, ${showMilliseconds(costs.pool)} the pool, and ${cores} cores: ${showMilliseconds(refined)}`,
  ];
  return `Predicted: ${list(parts, 'and').replace(' and with', '; with')}.`;
}
