/** The programs in a README as tests. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { expectedOutput } from './expected-output.ts';
import { checkProgram, programTimeout } from './program.ts';
import { suite } from './suite.ts';

export interface Block {
  /** The line of the README on which the code begins, from 1. */
  line: number;
  source: string;
}

/**
 * Runs the ```ts blocks of a README, each as a test of its own, from a file beside the README.
 *
 * A block with an `// Output:` comment has to print exactly that; one without has to end well if it imports anything.
 * A block that is no program is fenced as ```ts no-run.
 *
 * @param meta `import.meta` of the test file
 * @param path where the README is, relative to the test file
 */
export function runReadme(meta: ImportMeta, path = '../README.md'): void {
  const test = suite('readme');
  const file = fileURLToPath(new URL(path, meta.url));
  const blocks = runnableBlocks(readFileSync(file, 'utf8'));
  if (blocks.length === 0)
    test('has a program', () => assert.unreachable(`${path} holds no \`\`\`ts block to run`));
  for (const { line, source } of blocks) {
    test(`line ${line}`, { timeout: programTimeout }, async () => {
      const program = join(dirname(file), `.readme-${line}-${process.pid}.ts`);
      // Stands on the same lines as in the README, so that a stack trace points there.
      writeFileSync(program, '\n'.repeat(line - 1) + source);
      try {
        await checkProgram(program, source, dirname(file), `${basename(file)} line ${line}`);
      } finally {
        rmSync(program, { force: true });
      }
    });
  }
  test.run();
}

/** The blocks of a Markdown text that can be run; an output may also stand in a block of its own right below. */
export function runnableBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split(/\r?\n/);
  let last: Block | null = null;
  for (let index = 0; index < lines.length; index++) {
    const fence = /^(\s*)(```+)\s*(.*?)\s*$/.exec(lines[index]!);
    if (fence === null) {
      if (lines[index]!.trim() !== '') last = null;
      continue;
    }
    const [, indent, ticks, info] = fence as unknown as [string, string, string, string];
    const start = index + 1;
    index = lines.findIndex((line, at) => at >= start && line.trim() === ticks);
    if (index < 0) index = lines.length;
    const source = lines
      .slice(start, index)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const code = source.join('\n') + '\n';
    if (info === 'ts' || info === 'typescript') blocks.push((last = { line: start + 1, source: code }));
    else if (last !== null && code.startsWith('// Output')) last.source += code;
    else last = null;
  }
  return blocks.filter(({ source }) => expectedOutput(source) !== null || /^\s*import\b/m.test(source));
}
