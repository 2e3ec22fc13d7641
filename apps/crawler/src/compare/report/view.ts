import type { Analysis } from '../analysis/analyse.ts';
import type { Crossover } from '../analysis/crossover.ts';
import { workOf } from '../analysis/points.ts';
import { aUnit, unit } from '../analysis/words.ts';
import type { Comparison, Setting } from '../result.ts';

/** How a setting is told from others: by colour, by dashes and by the shape of its points, never by colour alone. */
export interface Look {
  readonly id: string;
  /** Number of a colour, from 0. */
  readonly color: number;
  /** Lengths of strokes and gaps; none for a line without a gap. */
  readonly dash: readonly number[];
  readonly marker: Marker;
  /** `64 in flight, 2 workers`. */
  readonly note: string;
}

export type Marker = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'wedge';

/** What the page's program is told besides the comparison itself. */
export interface View {
  readonly unit: 'page' | 'item';
  /** The same, with its article. */
  readonly aUnit: string;
  readonly looks: readonly Look[];
  readonly points: readonly {
    readonly label: string;
    readonly latency: number | null;
    readonly work: string;
    /** Milliseconds of work, where they are known. */
    readonly amount: number | null;
  }[];
  readonly crossovers: readonly Crossover[];
}

export function viewOf(comparison: Comparison, analysis: Analysis): View {
  const settings = new Map(comparison.cells.map(({ setting }) => [setting.id, setting]));
  const engines = [...new Set([...settings.values()].map(({ engine }) => engine))];
  const others = engines.filter((engine) => !ENGINES.includes(engine));
  return {
    unit: unit(comparison),
    aUnit: aUnit(comparison),
    looks: [...settings.values()].map((setting) => look(setting, others)),
    points: analysis.points.map(({ point, label }) => ({ ...point, label, amount: workOf(point) })),
    crossovers: analysis.crossovers,
  };
}

/** Each has the same colour in every report. */
const ENGINES: readonly string[] = ['serial', 'greenlet', 'threads', 'processes', 'hybrid', 'select'];
const MARKERS: readonly Marker[] = ['cross', 'circle', 'square', 'triangle', 'diamond', 'wedge'];
const DASHES: readonly (readonly number[])[] = [[2, 3], [], [9, 4], [9, 3, 2, 3], [4, 3], [14, 3]];
/** Colours there are. */
const COLORS = 8;

function look({ id, engine, terms, inFlight, workers }: Setting, others: readonly string[]): Look {
  const known = ENGINES.indexOf(engine);
  const color = known >= 0 ? known : (ENGINES.length + others.indexOf(engine)) % COLORS;
  return {
    id,
    color,
    dash: terms === 'best' ? [1, 3] : (DASHES[color % DASHES.length] ?? []),
    marker: MARKERS[color % MARKERS.length] ?? 'circle',
    note: `${inFlight} in flight${workers === 0 ? '' : `, ${workers} ${workers === 1 ? 'worker' : 'workers'}`}`,
  };
}
