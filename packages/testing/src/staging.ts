/**
 * A clean copy of the repository's sources, built and packed apart from the working tree: what is packed never holds
 * an output of a source that is gone (`tsc` deletes none), and nobody's `dist` is pulled away under a running program.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { repoRoot, workspaces, type Workspace } from './workspace.ts';

const runFile = promisify(execFile);

export class StagingError extends Error {
  override readonly name = 'StagingError';
}

export interface Tarball {
  workspace: Workspace;
  file: string;
}

/** Builds and packs `packages`, all of them public, into `folder`. */
export async function packInto(folder: string, packages: readonly Workspace[]): Promise<Tarball[]> {
  const stage = join(folder, 'stage');
  copySources(stage);
  const paths = packages.map(({ path }) => path);
  await command(process.execPath, [join(repoRoot, 'node_modules/typescript/bin/tsc'), '-b', ...paths], stage);
  const tarballs: Tarball[] = [];
  for (const workspace of packages) {
    const directory = join(stage, workspace.path);
    const printed = await command(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      directory,
    );
    tarballs.push({ workspace, file: join(folder, packedName(printed)) });
  }
  return tarballs;
}

/** A new temporary folder; the caller deletes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'switchyard-packed-'));
}

/** The packages that are published; with `chosen`, only these and what they depend on. */
export function publicWorkspaces(chosen: ReadonlySet<string> | null = null): Workspace[] {
  const all = workspaces().filter(({ manifest }) => manifest.private !== true);
  if (chosen === null) return all;
  const needed = new Set<string>();
  const add = (name: string): void => {
    const workspace = all.find((candidate) => candidate.name === name);
    if (workspace === undefined || needed.has(name)) return;
    needed.add(name);
    for (const dependency of Object.keys(workspace.manifest.dependencies ?? {})) add(dependency);
  };
  for (const name of chosen) add(name);
  return all.filter(({ name }) => needed.has(name));
}

/** npm answers with a list, or from version 12 on with an object keyed by the package's name. */
function packedName(printed: string): string {
  const answer = JSON.parse(printed) as Record<string, { filename: string }>;
  const [first] = Object.values(answer);
  if (first === undefined) throw new StagingError('npm pack packed nothing');
  return first.filename;
}

function copySources(stage: string): void {
  mkdirSync(stage);
  cpSync(join(repoRoot, 'tsconfig.base.json'), join(stage, 'tsconfig.base.json'));
  const modules = join(stage, 'node_modules');
  mkdirSync(join(modules, '@switchyard'), { recursive: true });
  link(join(repoRoot, 'node_modules'), modules, (name) => name !== '@switchyard' && !name.startsWith('.'));
  const left = new Set([
    'dist',
    'node_modules',
    'test',
    'bench',
    'fixtures',
    'peers',
    'results',
    'tsconfig.tsbuildinfo',
  ]);
  for (const { name, directory, path } of workspaces()) {
    const copy = join(stage, path);
    cpSync(directory, copy, {
      recursive: true,
      filter: (source) => !left.has(relative(directory, source)),
    });
    // npm takes the licence from the package's own folder; the repository has one for all.
    if (!existsSync(join(copy, 'LICENSE'))) cpSync(join(repoRoot, 'LICENSE'), join(copy, 'LICENSE'));
    symlinkSync(copy, join(modules, name), 'junction');
    const own = join(directory, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(copy, 'node_modules'), 'junction');
  }
  // The solution file lists every workspace.
  cpSync(join(repoRoot, 'packages/tsconfig.json'), join(stage, 'packages/tsconfig.json'));
}

function link(from: string, to: string, chosen: (name: string) => boolean): void {
  for (const name of readdirSync(from))
    if (chosen(name)) symlinkSync(join(from, name), join(to, name), 'junction');
}

/** Runs a command to its end and returns what it printed; fails with everything it wrote. */
export async function command(program: string, args: readonly string[], directory: string): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  // `npm test` hands its own settings down, and they must not reach the npm that installs elsewhere.
  for (const name of Object.keys(env))
    if (/^npm_(?!config_(cache|registry|userconfig))/i.test(name)) delete env[name];
  try {
    const shell = process.platform === 'win32' && program === 'npm';
    const { stdout } = await runFile(program, args, {
      cwd: directory,
      env,
      shell,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim();
    throw new StagingError(`${[program, ...args].join(' ')} failed:\n${said === '' ? message : said}`);
  }
}
