/** Programs whose main module has the tasks. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { type Kind, kinds } from './support.ts';

const timeout = 30_000;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs node; `heard` sees what it has written on stderr so far, and may write to its stdin. */
function node(
  args: string[],
  heard?: (stderr: string, write: (text: string) => void) => void,
  options: string[] = process.execArgv,
): Promise<Ended> {
  const child = spawn(process.execPath, [...options, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: 'pipe',
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    ended.stderr += chunk.toString();
    heard?.(ended.stderr, (text) => void child.stdin.write(text));
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

const program = (name: string): string =>
  fileURLToPath(new URL(`programs/${name}-program.ts`, import.meta.url));
const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
const count = (text: string, part: string): number => text.split(part).length - 1;

const all = Object.keys(kinds) as Kind[];

for (const kind of all) {
  const test = suite(kind);

  test('without a guard: one clear error, and no storm of workers', { timeout }, async () => {
    const { code, stdout, stderr } = await node([program('unguarded'), kind]);
    assert.is(code, 1);
    assert.is(count(stdout, 'started'), 2, 'the program itself, and one worker that imports it');
    assert.match(stderr, 'BootstrapError: A ThreadPoolExecutor was made while a worker was importing file:');
    assert.match(
      stderr,
      'unguarded-program.ts to find a task in it. Put the start-up code of that module behind a guard:',
    );
    assert.match(stderr, 'if (isMain(import.meta)) { ... }');
    assert.is(count(stderr, 'BootstrapError: '), 1);
  });

  test('with a guard', { timeout }, async () => {
    const { code, stdout, stderr } = await node([program('guarded'), kind]);
    assert.equal([code, stdout], [0, 'started\n1\n'], stderr);
  });

  // What runs the tests is tsx, which has been tried by all the others. Older Nodes have nothing else.
  if ((process.features as { typescript?: unknown }).typescript) {
    test('with TypeScript as Node runs it', { timeout }, async () => {
      const { execArgv } = process;
      const isTsx = (word = ''): boolean => /\btsx\b/.test(word);
      const options = execArgv.filter((word, at) => !isTsx(word) && !isTsx(execArgv[at + 1]));
      const { code, stdout, stderr } = await node([program('guarded'), kind], undefined, options);
      assert.equal([code, stdout], [0, 'started\n1\n'], stderr);
    });
  }

  test(
    'node -e has no tasks of its own, but inline ones, and no child runs it again',
    { timeout },
    async () => {
      const start = `import(${source('./support.ts')}).then(async ({ Host }) => {
      const { inline, task, isMain } = await import(${source('../src/index.ts')});
      console.log('started', isMain('file:///x.js'));
      try { task('file:///home/[eval1]', 'x', () => 1) } catch (error) { console.log(error.name) }
      const host = new Host('${kind}');
      console.log(await host.run(inline((x) => x * 2), 21));
      await host.end();
    })`;
      const ways = [['--input-type=module', '-e', start], [`--eval=${start}`]];
      for (const { code, stdout, stderr } of await Promise.all(ways.map((way) => node(way)))) {
        assert.equal([code, stdout], [0, 'started false\nTaskError\n42\n'], stderr);
      }
    },
  );

  test.run();
}

const waiting = suite('waiting');

waiting(
  'one that waits for ever where it is imported is named, and can be given up',
  { timeout },
  async () => {
    const ends = all.map((kind) =>
      node([program('waiting'), kind], (said, write) => {
        if (said.includes('isMain(import.meta)')) write('enough\n');
      }),
    );
    for (const { code, stdout, stderr } of await Promise.all(ends)) {
      assert.equal([code, stdout], [0, 'no more patience\n'], stderr);
      assert.match(
        stderr,
        /switchyard: file:.*waiting-program\.ts is still being imported after 5 s to find a task in it/,
      );
      assert.is(count(stderr, 'switchyard: '), 1);
    }
  },
);

waiting.run();
