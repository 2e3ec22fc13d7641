/** Holds every package to the house's rules: floors, declared dependencies, no way into another's internals. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { objection, scope, tools } from './floors.ts';
import { importsIn, type Import } from './imports.ts';
import { workspaces, type Workspace } from './workspace.ts';

/** Everything that is wrong below `root`, one line each. */
export function houseProblems(root: string): string[] {
  const all = workspaces(root);
  return [
    ...all.flatMap((workspace) => [
      ...dependencyProblems(workspace),
      ...importProblems(workspace, all),
      ...referenceProblems(workspace, all),
    ]),
    ...solutionProblems(root, all),
    ...cycleProblems(all),
  ];
}

function dependencyProblems({ name, path, manifest }: Workspace): string[] {
  const problems: string[] = [];
  const own = bare(name);
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    const reason = objection(own, bare(dependency));
    if (reason !== null) problems.push(`${path}/package.json: ${reason}`);
  }
  for (const dependency of Object.keys(devDependencies ?? {})) {
    // Only what is ours has a floor; a tool from outside does not reach the users of a package.
    if (!dependency.startsWith(scope) || tools.includes(bare(dependency))) continue;
    const reason = objection(own, bare(dependency));
    if (reason !== null) problems.push(`${path}/package.json: ${reason}`);
  }
  return problems;
}

function importProblems(workspace: Workspace, all: readonly Workspace[]): string[] {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = workspace.manifest;
  const runtime = new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }));
  const inTests = new Set([...runtime, ...Object.keys(devDependencies ?? {})]);
  const problems: string[] = [];
  const source = join(workspace.directory, 'src');
  const check = (found: Import, declared: ReadonlySet<string>, home: string): void => {
    const problem = importProblem(found, declared, home, workspace, all);
    if (problem !== null) {
      const file = relative(workspace.directory, found.file).split(sep).join('/');
      problems.push(`${workspace.path}/${file}:${found.line}: ${problem}`);
    }
  };
  for (const found of importsIn(source)) check(found, runtime, source);
  for (const folder of ['test', 'examples', 'bench']) {
    for (const found of importsIn(join(workspace.directory, folder)))
      check(found, inTests, workspace.directory);
  }
  return problems;
}

function importProblem(
  { file, specifier }: Import,
  declared: ReadonlySet<string>,
  home: string,
  workspace: Workspace,
  all: readonly Workspace[],
): string | null {
  if (specifier.startsWith('.')) {
    const target = resolve(dirname(file), specifier);
    if (target.startsWith(home + sep)) return null;
    return `imports "${specifier}", which is outside of its package: import a package by its name`;
  }
  if (specifier.startsWith('node:')) return null;
  if (isBuiltin(specifier)) return `imports "${specifier}": write "node:${specifier}"`;
  const name = packageName(specifier);
  if (name !== workspace.name) {
    if (!declared.has(name)) return `imports "${name}", which its package.json does not declare`;
    const reason = tools.includes(bare(name))
      ? null
      : name.startsWith(scope) && objection(bare(workspace.name), bare(name));
    if (reason) return reason;
  }
  const owner = all.find((other) => other.name === name);
  if (owner === undefined || specifier === name) return null;
  const subpath = '.' + specifier.slice(name.length);
  if (
    typeof owner.manifest.exports === 'object' &&
    Object.keys(owner.manifest.exports ?? {}).includes(subpath)
  )
    return null;
  return `imports "${specifier}", which is internal: ${name} exports no "${subpath}"`;
}

/** `tsc -b` builds by references, npm links by dependencies: they have to say the same. */
function referenceProblems(workspace: Workspace, all: readonly Workspace[]): string[] {
  const file = join(workspace.directory, 'tsconfig.json');
  if (!existsSync(file)) return [`${workspace.path}: has no tsconfig.json`];
  const referenced = new Set(references(file));
  const wanted = new Set(
    all
      .filter(({ name }) => workspace.manifest.dependencies?.[name] !== undefined)
      .map(({ directory }) => directory),
  );
  const show = (directory: string): string => relative(workspace.directory, directory).split(sep).join('/');
  return [
    ...[...wanted]
      .filter((directory) => !referenced.has(directory))
      .map(
        (directory) => `${workspace.path}/tsconfig.json: add the reference { "path": "${show(directory)}" }`,
      ),
    ...[...referenced]
      .filter((directory) => !wanted.has(directory))
      .map(
        (directory) =>
          `${workspace.path}/tsconfig.json: references "${show(directory)}", no dependency of its package.json`,
      ),
  ];
}

/** packages/tsconfig.json is what `npm run build` builds. */
function solutionProblems(root: string, all: readonly Workspace[]): string[] {
  const file = join(root, 'packages/tsconfig.json');
  if (!existsSync(file)) return ['packages/tsconfig.json is missing'];
  const listed = new Set(references(file));
  return all
    .filter(({ directory }) => !listed.has(directory))
    .map(({ path }) => `packages/tsconfig.json: does not reference ${path}, which is never built`);
}

function references(file: string): string[] {
  const config = JSON.parse(readFileSync(file, 'utf8')) as { references?: { path: string }[] };
  return (config.references ?? []).map(({ path }) => resolve(dirname(file), path));
}

/** Circles of packages, counting what tests need: the task runner and the build both need an order. */
function cycleProblems(all: readonly Workspace[]): string[] {
  const problems: string[] = [];
  const done = new Set<string>();
  const visit = (workspace: Workspace, trail: readonly string[]): void => {
    const at = trail.indexOf(workspace.name);
    if (at >= 0) {
      problems.push(`packages import in a circle: ${[...trail.slice(at), workspace.name].join(' -> ')}`);
      return;
    }
    if (done.has(workspace.name)) return;
    const needs = { ...workspace.manifest.dependencies, ...workspace.manifest.devDependencies };
    for (const next of all) if (needs[next.name] !== undefined) visit(next, [...trail, workspace.name]);
    done.add(workspace.name);
  };
  for (const workspace of all) visit(workspace, []);
  return problems;
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function bare(name: string): string {
  return name.startsWith(scope) ? name.slice(scope.length) : name;
}
