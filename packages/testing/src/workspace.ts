/** Where things are: the repository, its workspaces, and which workspace a file belongs to. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  bin?: Record<string, string>;
  exports?: unknown;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface Workspace {
  name: string;
  directory: string;
  /** Such as `packages/hub`. */
  path: string;
  manifest: Manifest;
}

export const repoRoot: string = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, '');

/** Every workspace below `root`, in the order of their paths. */
export function workspaces(root: string = repoRoot): Workspace[] {
  const found: Workspace[] = [];
  for (const group of ['packages', 'apps']) {
    const parent = join(root, group);
    if (!existsSync(parent)) continue;
    for (const folder of readdirSync(parent).toSorted()) {
      const directory = join(parent, folder);
      const manifestPath = join(directory, 'package.json');
      if (!existsSync(manifestPath)) continue;
      const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
      found.push({ name: manifest.name, directory, path: `${group}/${folder}`, manifest });
    }
  }
  return found;
}

/** The workspace a file belongs to, if any. */
export function packageOf(file: string): Workspace | null {
  let directory = dirname(file);
  while (directory.startsWith(repoRoot + sep)) {
    const found = workspaces().find((workspace) => workspace.directory === directory);
    if (found !== undefined) return found;
    directory = dirname(directory);
  }
  return null;
}

/** Whether the tests of a package run with the hub's checks. */
export type HubUse = 'yes' | 'no' | 'if it loads';

/** The tests of floor 1 must not load what is built on top of it, and the runner's own work without it. */
export function hubUse(name: string): HubUse {
  if (name === '@switchyard/greenlet') return 'no';
  return name === '@switchyard/testing' ? 'if it loads' : 'yes';
}

export function relativePath(file: string): string {
  return relative(repoRoot, file).split(sep).join('/');
}
