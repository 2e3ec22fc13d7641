import type { Answer, Outcome } from '../outcome.ts';
import type { PageOutcome } from './record.ts';

/** What an attempt's outcome means for its entry. */
export type Verdict =
  | { readonly action: 'accept'; readonly answer: Answer }
  /** The answer is elsewhere; `location` is as the server wrote it. */
  | { readonly action: 'redirect'; readonly answer: Answer; readonly location: string }
  /** The host wants to be left alone for a while. */
  | { readonly action: 'slow_down'; readonly retryAfter: string | undefined }
  /** Another attempt may do better; `outcome` is how it ends when there is none left. */
  | { readonly action: 'retry'; readonly outcome: PageOutcome; readonly error: string }
  | { readonly action: 'reject'; readonly outcome: PageOutcome; readonly error: string };

const SLOW_DOWN = new Set([429, 503]);
/** Statuses of a server or a proxy in a bad moment. */
const TEMPORARY = new Set([408, 425, 500, 502, 504, 520, 521, 522, 523, 524]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function judge(outcome: Outcome): Verdict {
  if (outcome.type === 'failure') {
    const action = outcome.temporary ? 'retry' : 'reject';
    return { action, outcome: outcome.kind, error: outcome.message };
  }
  const { status, location } = outcome;
  if (SLOW_DOWN.has(status)) return { action: 'slow_down', retryAfter: outcome.retryAfter };
  if (REDIRECTS.has(status) && location !== undefined)
    return { action: 'redirect', answer: outcome, location };
  const error = `HTTP status ${status}`;
  if (TEMPORARY.has(status)) return { action: 'retry', outcome: 'http_error', error };
  if (status < 200 || status > 299) return { action: 'reject', outcome: 'http_error', error };
  if (outcome.content.type === 'foreign') {
    return {
      action: 'reject',
      outcome: 'bad_type',
      error: `content type ${outcome.contentType ?? 'unknown'} is not a page`,
    };
  }
  return { action: 'accept', answer: outcome };
}
