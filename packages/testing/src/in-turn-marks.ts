/** How the output of several programs of one process is told apart. */

/** Stands behind the last one. */
export const END = 'end';

/** Nothing that a program of a page would print. */
const MARK = '\u0001';

/** What is printed before a program runs. */
export function beginning(file: string): string {
  return `${MARK}${file}${MARK}`;
}

/** What each has printed, in the order in which they ran; the last is the one that ended the process, or `END`. */
export function outputs(printed: string): [file: string, output: string][] {
  const parts = printed.split(MARK).slice(1);
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) found.push([parts[at]!, parts[at + 1]!]);
  return found;
}
