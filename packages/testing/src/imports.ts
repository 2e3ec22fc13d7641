/** The import statements of a package's files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Import {
  file: string;
  line: number;
  specifier: string;
}

/** Statements begin at the start of a line, which examples in doc comments and indented strings do not. */
const statement = /^(?:import|export)\s(?:[^;'"]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
const dynamic = /^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*['"]([^'"]+)['"]/gm;

export function importsIn(directory: string): Import[] {
  const found: Import[] = [];
  for (const file of sourceFiles(directory)) {
    const text = readFileSync(file, 'utf8');
    for (const pattern of [statement, dynamic]) {
      for (const match of text.matchAll(pattern)) {
        const line = text.slice(0, match.index).split('\n').length;
        found.push({ file, line, specifier: match[1]! });
      }
    }
  }
  return found;
}

function sourceFiles(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) return [];
  const found: string[] = [];
  for (const name of readdirSync(directory).toSorted()) {
    if (name === 'node_modules' || name === 'dist' || name === 'fixtures' || name === 'peers') continue;
    const path = join(directory, name);
    if (statSync(path).isDirectory()) found.push(...sourceFiles(path));
    else if (/\.[cm]?[jt]s$/.test(name)) found.push(path);
  }
  return found;
}
