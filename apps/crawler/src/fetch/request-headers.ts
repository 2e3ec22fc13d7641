import type { JobKind } from '../job.ts';
import type { FetchSettings } from './settings.ts';

const ACCEPT: Readonly<Record<JobKind, string>> = {
  page: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.1',
  robots: 'text/plain,*/*;q=0.5',
  sitemap: 'application/xml,text/xml,text/plain;q=0.5,*/*;q=0.1',
};

/** The headers that a request for such a job has of the crawler's: what the user gives replaces ours. */
export function requestHeaders(settings: FetchSettings, kind: JobKind): (readonly [string, string])[] {
  const own: readonly (readonly [string, string])[] = [
    ['user-agent', settings.userAgent],
    ['accept', ACCEPT[kind]],
  ];
  const given = new Set(settings.headers.map(([name]) => name.toLowerCase()));
  return [...own.filter(([name]) => !given.has(name)), ...settings.headers];
}
