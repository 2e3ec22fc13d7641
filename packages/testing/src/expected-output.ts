/**
 * What a program says about its own output, in comments at its end:
 *
 *   // Output:
 *   // first line
 *   // second line
 *   // Exit: 1
 *
 * `// Output (any order):` compares the lines as a set; without `// Exit:` the program has to end with 0.
 */

export interface ExpectedOutput {
  lines: string[];
  anyOrder: boolean;
  exitCode: number;
}

/** The output that `source` announces, or null when it announces none. */
export function expectedOutput(source: string): ExpectedOutput | null {
  const lines = source.trimEnd().split(/\r?\n/);
  const start = lines.findLastIndex((line) => /^\s*\/\/ Output( \(any order\))?:\s*$/.test(line));
  if (start < 0) return null;
  const expected: ExpectedOutput = {
    lines: [],
    anyOrder: lines[start]!.includes('(any order)'),
    exitCode: 0,
  };
  for (const line of lines.slice(start + 1)) {
    const comment = /^\s*\/\/ ?(.*)$/.exec(line);
    // Code after the block, or the blank line that ends it.
    if (comment === null) break;
    const exit = /^Exit: (\d+)$/.exec(comment[1]!);
    if (exit === null) expected.lines.push(comment[1]!.trimEnd());
    else expected.exitCode = Number(exit[1]);
  }
  return expected;
}

/** The printed text as comparable lines: without the end of the last line and without trailing blanks. */
export function printedLines(text: string): string[] {
  const trimmed = text.replace(/\r?\n$/, '');
  return trimmed === '' ? [] : trimmed.split(/\r?\n/).map((line) => line.trimEnd());
}
