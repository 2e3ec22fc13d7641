/** Longer URLs are refused by common servers and proxies, and are almost always made by a loop. */
export const MAX_URL_LENGTH = 2083;
const MAX_SEGMENTS = 20;
/** How often the same stretch of segments may stand in a row: `/a/b/a/b/` passes, `/a/b/a/b/a/b/` does not. */
const MAX_REPEATS = 2;

/**
 * Why `url` looks like one of endlessly many, or `undefined` when it does not. The rules are those of the Internet
 * Archive's Heritrix: URL length, number of path segments, the same stretch of segments over and over.
 */
export function trapReason(url: string): string | undefined {
  if (url.length > MAX_URL_LENGTH)
    return `the URL has ${url.length} characters; the limit is ${MAX_URL_LENGTH}`;
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  if (pathStart < 0) return undefined;
  let pathEnd = url.indexOf('?', pathStart);
  if (pathEnd < 0) pathEnd = url.length;
  // Nothing can repeat three times below four slashes; most URLs leave here without an array made.
  let slashes = 0;
  for (let index = pathStart; index < pathEnd; index++) if (url.charCodeAt(index) === 0x2f) slashes++;
  if (slashes <= MAX_REPEATS) return undefined;

  const segments = url.slice(pathStart + 1, pathEnd).split('/');
  if (segments.at(-1) === '') segments.pop();
  if (segments.length > MAX_SEGMENTS)
    return `the path has ${segments.length} segments; the limit is ${MAX_SEGMENTS}`;
  for (let period = 1; period * (MAX_REPEATS + 1) <= segments.length; period++) {
    let run = 0;
    for (let index = period; index < segments.length; index++) {
      run = segments[index] === segments[index - period] ? run + 1 : 0;
      if (run >= period * MAX_REPEATS) {
        const stretch = segments.slice(index - period + 1, index + 1).join('/');
        return `"/${stretch}" stands ${MAX_REPEATS + 1} times in a row in the path`;
      }
    }
  }
  return undefined;
}
