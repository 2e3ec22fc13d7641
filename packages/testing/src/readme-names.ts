/** Whether the documentation of a package is complete: its names and its links. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { pagesFolder, pagesIn } from './pages.ts';
import { suite } from './suite.ts';

/**
 * Tests that every name that a package exports stands as code in its README, or in one of the pages of `docs`, and that every
 * relative link in these leads to a file, and to a heading of it where it names one.
 *
 * @param meta `import.meta` of the test file
 */
export function checkReadmeNames(meta: ImportMeta): void {
  const test = suite('README');
  const docs = pagesFolder(meta, '../docs');
  const files = [
    fileURLToPath(new URL('../README.md', meta.url)),
    ...pagesIn(docs).map((page) => join(docs, page)),
  ];
  test('every public name stands in it', () => {
    const exported = exportedNames(readFileSync(new URL('../src/index.ts', meta.url), 'utf8'));
    assert.ok(exported.length > 10, 'the index exports names in braces');
    const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
    const missing = exported.filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(text));
    assert.equal(missing, []);
  });
  test('its links lead somewhere', () => {
    assert.equal(files.flatMap(brokenLinks), []);
  });
  test.run();
}

function exportedNames(index: string): string[] {
  return [...index.matchAll(/\{([^}]*)\}/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.replace(/^\s*(type )?/, '').trim())
    .filter((name) => name !== '');
}

/** The relative links of a Markdown file that lead nowhere. */
export function brokenLinks(file: string): string[] {
  const prose = withoutCode(readFileSync(file, 'utf8'));
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', heading] = target.split('#');
    const found = path === '' ? file : join(dirname(file), path);
    if (!existsSync(found)) return true;
    return heading !== undefined && !headings(readFileSync(found, 'utf8')).includes(heading);
  });
}

/** What the headings of a Markdown text can be linked by, as GitHub has it. */
function headings(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

function withoutCode(markdown: string): string {
  return withoutBlocks(markdown).replace(/`[^`\n]*`/g, '');
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^\s*(```+).*\n[\s\S]*?^\s*\1\s*$/gm, '');
}
