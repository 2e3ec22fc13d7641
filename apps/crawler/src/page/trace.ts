import { threadId } from 'node:worker_threads';

/** Who read a page and when, for a picture of the crawl: plain data, with a clock that all threads and processes share. */
export interface Trace {
  /** The process and the thread. */
  readonly worker: string;
  /** When its last byte had come, in milliseconds since 1970. */
  readonly arrived: number;
  /** When its outcome was there. */
  readonly ended: number;
}

/** This process and thread. */
export const WORKER = `${process.pid}/${threadId}`;

/** Milliseconds since 1970, with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
