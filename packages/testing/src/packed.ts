/** What users get: every public package packed, installed in an empty folder, and tried there. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from './failure.ts';
import type { FileResult } from './run-file.ts';
import { command, packInto } from './staging.ts';
import type { Workspace } from './workspace.ts';

/** Packs `packages` and installs them in `folder`; returns the folder that holds their node_modules. */
export async function installPacked(folder: string, packages: readonly Workspace[]): Promise<string> {
  const tarballs = await packInto(folder, packages);
  const app = join(folder, 'app');
  mkdirSync(app);
  const dependencies = Object.fromEntries(
    tarballs.map(({ workspace, file }) => [workspace.name, `file:${file}`]),
  );
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }),
  );
  // What others made comes from npm's cache where it can.
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await command('npm', ['install', ...options], app);
  // The packed sources are there for debuggers: nothing may need them to run.
  for (const { name } of packages)
    rmSync(join(app, 'node_modules', name, 'src'), { recursive: true, force: true });
  return app;
}

/** Each package alone in a fresh process: its exports, its smoke program, its commands. */
export async function tryPacked(app: string, packages: readonly Workspace[]): Promise<FileResult[]> {
  const results: FileResult[] = [];
  for (const workspace of packages) results.push(await tryPackage(app, workspace));
  return results;
}

async function tryPackage(app: string, workspace: Workspace): Promise<FileResult> {
  const started = performance.now();
  const result: FileResult = {
    file: join(workspace.directory, 'package.json'),
    passed: 0,
    ms: 0,
    failures: [],
    skips: [],
    output: '',
    ran: true,
  };
  const attempt = async (name: string, run: () => Promise<void>): Promise<void> => {
    try {
      await run();
      result.passed++;
    } catch (error) {
      result.failures.push({ name: `packed ${workspace.name}: ${name}`, failure: describe(error) });
    }
  };
  for (const subpath of codeExports(workspace)) {
    await attempt(`import "${subpath.replace('.', workspace.name)}"`, () =>
      checkExports(app, workspace, subpath),
    );
  }
  const smoke = join(workspace.directory, 'test/packed.smoke.mjs');
  if (existsSync(smoke)) {
    await attempt('smoke program', async () => {
      const copy = join(app, `${workspace.path.replace('/', '-')}.smoke.mjs`);
      cpSync(smoke, copy);
      await command(process.execPath, [copy], app);
    });
  }
  for (const bin of Object.keys(workspace.manifest.bin ?? {})) {
    await attempt(`${bin} --version`, async () => {
      const printed = (await command(join(app, 'node_modules/.bin', bin), ['--version'], app)).trim();
      const { version } = workspace.manifest;
      if (printed !== version) throw new Error(`expected ${version}, it printed ${printed}`);
    });
  }
  result.ms = performance.now() - started;
  return result;
}

function codeExports({ manifest }: Workspace): string[] {
  if (typeof manifest.exports !== 'object' || manifest.exports === null) return [];
  return Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
}

/** The packed module has the names its source has. */
async function checkExports(app: string, workspace: Workspace, subpath: string): Promise<void> {
  const conditions = (workspace.manifest.exports as Record<string, Record<string, string>>)[subpath];
  const source = conditions?.['@switchyard/source'];
  if (source === undefined) throw new Error(`exports "${subpath}" without the condition @switchyard/source`);
  const list = (specifier: string): string =>
    `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(specifier)}))))`;
  const packed = await command(
    process.execPath,
    ['--input-type=module', '-e', list(subpath.replace('.', workspace.name))],
    app,
  );
  const sourceArguments = ['--conditions=@switchyard/source', '--import', 'tsx', '--input-type=module', '-e'];
  const wanted = await command(process.execPath, [...sourceArguments, list(source)], workspace.directory);
  if (packed.trim() !== wanted.trim())
    throw new Error(`exports ${packed.trim()}, its source exports ${wanted.trim()}`);
}
