/** The examples of a package as tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { expectedOutput } from './expected-output.ts';
import { checkProgram, programTimeout } from './program.ts';
import { suite } from './suite.ts';

/**
 * Runs every example of a folder as a test of its own and compares what it prints with the `// Output:` at its end.
 *
 * @param meta `import.meta` of the test file
 * @param folder where the examples are, relative to the test file
 */
export function runExamples(meta: ImportMeta, folder = '../examples'): void {
  const test = suite('examples');
  const directory = fileURLToPath(new URL(folder.replace(/\/?$/, '/'), meta.url));
  const files = existsSync(directory) ? readdirSync(directory).filter((name) => /\.m?ts$/.test(name)) : [];
  if (files.length === 0) test('exist', () => assert.unreachable(`no example in ${folder}`));
  for (const name of files.toSorted()) {
    test(name, { timeout: programTimeout }, async () => {
      const file = join(directory, name);
      const source = readFileSync(file, 'utf8');
      if (expectedOutput(source) === null) {
        assert.unreachable(
          'an example ends with a comment "// Output:" and what it prints, one "// line" each',
        );
      }
      await checkProgram(file, source, dirname(directory.replace(/[\\/]$/, '')));
    });
  }
  test.run();
}
