import { showBytes } from '../../cli/units.ts';
import type { Cell, Comparison, Point } from '../result.ts';

/** `0.78 ms`, `4 ms`, `66 ms`, `1.24 s`: as many digits as say something. */
export function showMilliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${showNumber(value)} ms`;
}

/** `1,204`, `86.6`, `0.78`: three digits, no more than a measurement can carry. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString('en-US');
  if (size === 0) return '0';
  const digits = size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** As {@link showNumber}, with as many digits behind the point as its neighbours in a column. */
export function showFigure(value: number): string {
  const size = Math.abs(value);
  return size >= 99.95 || size === 0 ? showNumber(value) : value.toFixed(size >= 9.995 ? 1 : 2);
}

/** `1,180 to 1,230`, or the one number where both ends show the same. */
export function showInterval(
  [low, high]: readonly [number, number],
  show: (value: number) => string = showNumber,
): string {
  const [from, to] = [show(low), show(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** How much more `of` is than `over`: `18 % faster than`, `2.3 times as fast as`. Both above 0. */
export function showFaster(of: number, over: number): string {
  const factor = of / over;
  return factor < 1.5 ? `${percent(factor - 1)} faster than` : `${showTimes(factor)} as fast as`;
}

/** `2.3 times`, `45 times`. */
export function showTimes(factor: number): string {
  return `${factor >= 10 ? Math.round(factor) : Number(factor.toFixed(1))} times`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `greenlet`, `greenlet and threads`, `greenlet, threads and hybrid`. */
export function list(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** With a capital letter at its front. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PLAIN: Readonly<Record<string, string>> = {
  serial: 'one at a time',
  greenlet: 'greenlets',
};

/** What a person calls a setting in a sentence. */
export function plain(setting: { readonly id: string; readonly engine: string }): string {
  return setting.id === setting.engine ? (PLAIN[setting.id] ?? setting.id) : setting.id;
}

/** `were` or `was`, for {@link plain}. */
export function was(setting: { readonly id: string; readonly engine: string }): string {
  return plain(setting).endsWith('s') ? 'were' : 'was';
}

/** `400 pages a run`, `256 to 2,000 pages a run` where points differ. */
export function showPages(comparison: Comparison): string {
  const counts = comparison.cells.flatMap(({ runs }) => runs.map(({ pages }) => pages));
  const [least, most] =
    counts.length === 0 ? [comparison.pages, comparison.pages] : [Math.min(...counts), Math.max(...counts)];
  const show = (count: number): string => count.toLocaleString('en-US');
  return `${least === most ? show(least) : `${show(least)} to ${show(most)}`} ${unit(comparison)}s a run`;
}

/** `threads and processes could not be measured: out of memory`, a line for each reason. */
export function showFailures(cells: readonly Cell[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { failed, runs, setting } of cells) {
    if (failed === null && runs.length > 0) continue;
    const reason = failed ?? 'no run';
    byReason.set(reason, [...(byReason.get(reason) ?? []), setting.id]);
  }
  return [...byReason].map(([reason, ids]) => `${list(ids)} could not be measured: ${reason}`);
}

/** What the comparison counts. */
export function unit(comparison: Pick<Comparison, 'kind'>): 'page' | 'item' {
  return comparison.kind === 'tasks' ? 'item' : 'page';
}

/** `a page`, `an item`. */
export function aUnit(comparison: Pick<Comparison, 'kind'>): string {
  return comparison.kind === 'tasks' ? 'an item' : 'a page';
}

/** The place on the two axes, in words. */
export function describePoint({ latency, work }: Point, comparison: Pick<Comparison, 'kind'>): string {
  if (comparison.kind === 'tasks') return work;
  const what = /^\d/.test(work) ? `${work.replace(/(\d)ms$/, '$1 ms')} of work a page` : `work "${work}"`;
  return latency === null ? what : `${showMilliseconds(latency)} latency, ${what}`;
}

export { showBytes };
