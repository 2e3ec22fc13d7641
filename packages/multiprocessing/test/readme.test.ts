import { readFileSync } from 'node:fs';
import { runReadme, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';

runReadme(import.meta);

const test = suite('README');

test('every public name stands in it', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const readme = read('../README.md');
  const exported = [...read('../src/index.ts').matchAll(/\{([^}]*)\}/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.replace(/^\s*(type )?/, '').trim())
    .filter((name) => name !== '');
  assert.ok(exported.length > 30);
  const missing = exported.filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(readme));
  assert.equal(missing, []);
});

test.run();
