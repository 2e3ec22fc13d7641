import { type CanonicalRules, PLAIN_RULES } from '../url/canonical.ts';
import { DEFAULT_USER_AGENT } from '../core/options.ts';
import type { Workload } from '../workload/workload.ts';

/** Time limits of one attempt, in milliseconds. */
export interface AttemptTimeouts {
  readonly connect: number;
  /** From the start until the answer's headers. */
  readonly headers: number;
  /** Between two pieces of the body. */
  readonly idle: number;
  /** The whole attempt: a server that sends a byte now and then keeps within the others for ever. */
  readonly total: number;
}

/** How pages are fetched and read. Plain data, so that it can be sent to another thread or process. */
export interface FetchSettings {
  readonly userAgent: string;
  /** Further headers of every request: name and value. */
  readonly headers: readonly (readonly [string, string])[];
  readonly timeouts: AttemptTimeouts;
  /** Bytes of a body on the wire, at most. */
  readonly maxBody: number;
  /** Bytes of a body after decompression, at most. */
  readonly maxInflated: number;
  /** Whether addresses that only machines nearby can reach may be fetched from. */
  readonly allowPrivate: boolean;
  /** `host:port` of those that may be even so: what the user typed. */
  readonly allowedHosts: readonly string[];
  readonly canonical: CanonicalRules;
  /** Whether a page's SHA-256 is wanted: it is a tenth of the work that a page is. */
  readonly hashBodies: boolean;
  /** What is done with a page besides following its links; nothing when left out. */
  readonly work?: Workload;
  /** Whether an outcome tells which worker read it and when, for the picture that a comparison draws. */
  readonly trace?: boolean;
}

export const DEFAULT_FETCH: FetchSettings = {
  userAgent: DEFAULT_USER_AGENT,
  headers: [],
  timeouts: { connect: 10_000, headers: 15_000, idle: 10_000, total: 60_000 },
  maxBody: 10 * 1024 * 1024,
  maxInflated: 20 * 1024 * 1024,
  allowPrivate: false,
  allowedHosts: [],
  canonical: PLAIN_RULES,
  hashBodies: true,
};
