/** The programs in the pages of a package's documentation as tests. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { expectedOutput } from './expected-output.ts';
import { END, outputs } from './in-turn-marks.ts';
import { checkOutcome, checkProgram, type Outcome, programTimeout, runProgram } from './program.ts';
import { runnableBlocks } from './readme.ts';
import { suite } from './suite.ts';

/** A program of a page. */
interface Program {
  /** The page and the line. */
  name: string;
  file: string;
  source: string;
}

/**
 * Runs the ```ts blocks of all pages of a folder, each as a test of its own, as `runReadme` does.
 *
 * To be quick they run in one process, one after the other, each as a module of its own: a block has to be over when its last
 * statement is, and to put back what it has changed in the process. One that says its `// Exit:` has a process to itself.
 * Behind one that ends the process the rest goes on in another.
 *
 * @param meta `import.meta` of the test file
 * @param folder where the pages are, relative to the test file
 */
export function runPages(meta: ImportMeta, folder = '../docs'): void {
  const test = suite('docs');
  const directory = pagesFolder(meta, folder);
  const programs = pagesIn(directory).flatMap((page) => programsOf(join(directory, page)));
  if (programs.length === 0)
    test('have a program', () => assert.unreachable(`no page in ${folder} holds a \`\`\`ts block to run`));
  const shared = programs.filter(({ source }) => !exits(source));
  const done = new Map<Program, Outcome>();
  for (const program of programs) {
    test(program.name, { timeout: 2 * programTimeout }, async () => {
      if (exits(program.source)) {
        await withFiles([program], () => checkProgram(program.file, program.source, directory, program.name));
        return;
      }
      if (!done.has(program)) {
        await runShared(shared.slice(shared.indexOf(program)), directory, done);
      }
      checkOutcome(program.name, done.get(program)!, expectedOutput(program.source));
    });
  }
  test.run();
}

/** The pages of a folder; none where there is no such folder. */
export function pagesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.md'))
    .toSorted();
}

/** A folder beside a test file. */
export function pagesFolder(meta: ImportMeta, folder: string): string {
  return fileURLToPath(new URL(folder.replace(/\/?$/, '/'), meta.url));
}

function programsOf(page: string): Program[] {
  return runnableBlocks(readFileSync(page, 'utf8')).map(({ line, source }) => ({
    name: `${basename(page)} line ${line}`,
    file: page.replace(
      /[^/\\]+$/,
      (name) => `.readme-${name.replace(/\.md$/, '')}-${line}-${process.pid}.ts`,
    ),
    // Stands on the same lines as in the page, so that a stack trace points there.
    source: '\n'.repeat(line - 1) + source,
  }));
}

function exits(source: string): boolean {
  return /^\/\/ Exit: \d+$/m.test(source);
}

/** Runs as many of the programs as one process lives to see: one at the least. */
async function runShared(
  programs: readonly Program[],
  directory: string,
  done: Map<Program, Outcome>,
): Promise<void> {
  const driver = import.meta.url.endsWith('.ts') ? './in-turn.ts' : './in-turn.js';
  const outcome = await withFiles(programs, (files) =>
    runProgram(fileURLToPath(new URL(driver, import.meta.url)), directory, files),
  );
  const printed = outputs(outcome.stdout);
  const [last, after] = printed.at(-1) ?? [null, ''];
  for (const [file, stdout] of printed) {
    const program = programs.find((one) => one.file === file);
    if (program === undefined) continue;
    // Whatever ended the process did so in the last one that had begun.
    const ended = file === last ? outcome : { ...outcome, code: 0, signal: null };
    done.set(program, { ...ended, stdout });
  }
  const final = programs.at(-1)!;
  if (last === END && (outcome.code !== 0 || after !== '')) {
    const { stdout } = done.get(final)!;
    done.set(final, { ...outcome, stdout: stdout + after });
  }
  // The process did not even begin.
  if (last === null) done.set(programs[0]!, outcome);
}

async function withFiles<T>(programs: readonly Program[], body: (files: string[]) => Promise<T>): Promise<T> {
  const files = programs.map(({ file }) => file);
  for (const { file, source } of programs) writeFileSync(file, source);
  try {
    return await body(files);
  } finally {
    for (const file of files) rmSync(file, { force: true });
  }
}
