import { suite } from '@switchyard/testing';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { expectedOutput, printedLines } from '../src/expected-output.ts';
import { brokenLinks } from '../src/readme-names.ts';
import { runnableBlocks } from '../src/readme.ts';

const test = suite('programs');

test('the expected output is the comment block at the end', () => {
  const source = ['run();', '', '// Output:', '// first', '//', '//   indented', '// Exit: 2', ''].join('\n');
  assert.equal(expectedOutput(source), { lines: ['first', '', '  indented'], anyOrder: false, exitCode: 2 });
});

test('lines may be expected in any order', () => {
  assert.equal(expectedOutput('// Output (any order):\n// a'), { lines: ['a'], anyOrder: true, exitCode: 0 });
});

test('a program may say nothing of its output', () => {
  assert.is(expectedOutput('console.log("// Output:")'), null);
});

test('only the end of the last printed line is left out', () => {
  assert.equal(printedLines(''), []);
  assert.equal(printedLines('a\n\n'), ['a', '']);
});

test('a README block is a program when it says its output or imports something', () => {
  const fence = '```';
  const markdown = [
    `${fence}ts`,
    'fragment',
    fence,
    `${fence}ts no-run`,
    "import 'not run';",
    fence,
    `${fence}ts`,
    "import 'run';",
    fence,
    'between',
    `${fence}ts`,
    'print();',
    fence,
    '',
    fence,
    '// Output:',
    '// printed',
    fence,
  ].join('\n');
  assert.equal(runnableBlocks(markdown), [
    { line: 8, source: "import 'run';\n" },
    { line: 12, source: 'print();\n// Output:\n// printed\n' },
  ]);
});

test('a relative link of a page leads to a file and to a heading', () => {
  const page = fileURLToPath(new URL('../fixtures/examples/pages/first.md', import.meta.url));
  assert.equal(brokenLinks(page), ['./nowhere.md', './second.md#not-there']);
});

test.run();
