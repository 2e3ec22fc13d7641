import { ratio, summarize, type Summary } from '@switchyard/measure';

/** A cell's figure, named. */
export interface Figure {
  readonly contender: string;
  readonly case: string;
  readonly metric: string;
}

/** What a row is held to: one figure, or one figure over another of the same run, against a limit. */
export interface Mark {
  /** As the performance table puts it. */
  readonly text: string;
  readonly of: Figure;
  /** Absent: the figure itself is compared. */
  readonly over?: Figure;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export type Verdict = 'reached' | 'missed' | 'not measured';

export interface Outcome {
  readonly mark: Mark;
  readonly verdict: Verdict;
  /** Absent when a side of the mark was not measured. */
  readonly figure?: Summary;
  /** The range reaches across the limit: another run may say otherwise. */
  readonly close: boolean;
}

/** The values of a figure, one a run, in the order of the runs; undefined when it was not measured. */
export type Lookup = (figure: Figure) => readonly number[] | undefined;

/** Compares one mark with what was measured. A mark is reported and never asserted. */
export function judge(mark: Mark, lookup: Lookup): Outcome {
  const of = lookup(mark.of);
  const over = mark.over === undefined ? undefined : lookup(mark.over);
  if (
    of === undefined ||
    of.length === 0 ||
    (mark.over !== undefined && (over === undefined || over.length === 0))
  ) {
    return { mark, verdict: 'not measured', close: false };
  }
  const figure = over === undefined ? summarize(of) : ratio(of, over);
  const within = (value: number): boolean =>
    value <= (mark.atMost ?? Infinity) && value >= (mark.atLeast ?? -Infinity);
  return {
    mark,
    figure,
    verdict: within(figure.median) ? 'reached' : 'missed',
    close: within(figure.low) !== within(figure.high),
  };
}

interface Where {
  readonly case?: string;
  readonly metric?: string;
}

const figure = (contender: string, { case: id = '-', metric = 'cpu' }: Where): Figure => ({
  contender,
  case: id,
  metric,
});

/** Ours costs no more than `limit` (nanoseconds or bytes). */
export function atMost(limit: number, text: string, where: Where = {}): Mark {
  return { text, of: figure('ours', where), atMost: limit };
}

/** Ours costs no more than `factor` times what the peer does. */
export function atMostTimes(factor: number, peer: string, text: string, where: Where = {}): Mark {
  return { text, of: figure('ours', where), over: figure(peer, where), atMost: factor };
}

/** The peer costs at least `factor` times what ours does. */
export function aheadOf(factor: number, peer: string, text: string, where: Where = {}): Mark {
  return { text, of: figure(peer, where), over: figure('ours', where), atLeast: factor };
}

/** Ours in one case costs no more than `factor` times ours in another. */
export function flat(factor: number, at: string, base: string, text: string, metric = 'cpu'): Mark {
  return {
    text,
    of: figure('ours', { case: at, metric }),
    over: figure('ours', { case: base, metric }),
    atMost: factor,
  };
}
