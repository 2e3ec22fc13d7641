/** Which test files the command line means. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { relativePath } from './workspace.ts';

export class NoTestFilesError extends Error {
  override readonly name = 'NoTestFilesError';
}

/**
 * Directories (a package, or the whole repository) and files are taken as they are; any other word narrows the list
 * to the files whose path contains it. With no directory and no file, the working directory is meant.
 */
export function findTestFiles(words: readonly string[], directory: string = process.cwd()): string[] {
  const files = new Set<string>();
  const filters: string[] = [];
  let places = 0;
  for (const word of words) {
    const path = resolve(directory, word);
    if (!existsSync(path)) {
      filters.push(word);
      continue;
    }
    places++;
    for (const file of statSync(path).isDirectory() ? testsIn(path) : [path]) files.add(file);
  }
  if (places === 0) for (const file of testsIn(directory)) files.add(file);
  const chosen = [...files].filter(
    (file) => filters.length === 0 || filters.some((text) => relativePath(file).includes(text)),
  );
  if (chosen.length === 0) {
    const asked = words.length === 0 ? relativePath(directory) || '.' : words.join(' ');
    throw new NoTestFilesError(`no test file matches: ${asked} (tests are <package>/test/*.test.ts)`);
  }
  return chosen;
}

function testsIn(directory: string): string[] {
  const found = list(join(directory, 'test'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(directory, 'test', name));
  for (const group of ['packages', 'apps']) {
    for (const name of list(join(directory, group))) found.push(...testsIn(join(directory, group, name)));
  }
  return found;
}

function list(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  return readdirSync(directory).toSorted();
}
