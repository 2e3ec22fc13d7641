/**
 * The lock file and the native binaries of other platforms.
 *
 * Tools such as oxlint list a package for each platform as an optional dependency. npm leaves those out of the lock
 * file which it could not see when it wrote it, because they were not installed (npm/cli#4828) or because a mirror
 * does not hold them; `npm ci` then refuses the lock file. `--fix` adds what is missing, from what the names say.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './workspace.ts';

export interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export type LockPackages = Record<string, LockEntry>;

/** The entries that optional dependencies of the locked packages ask for and that are not there. */
export function missingEntries(packages: LockPackages): LockPackages {
  const missing: LockPackages = {};
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const nested = `${path}/node_modules/${name}`;
      const hoisted = `node_modules/${name}`;
      const platform = platformOf(name);
      if (platform === null || packages[nested] !== undefined || packages[hoisted] !== undefined) continue;
      missing[hoisted] = {
        version,
        ...platform,
        ...(entry.dev === true ? { dev: true } : {}),
        optional: true,
      };
    }
  }
  return missing;
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/** `@oxlint/binding-linux-x64-musl` as npm's os, cpu and libc; null where the name speaks of no platform. */
export function platformOf(name: string): Pick<LockEntry, 'os' | 'cpu' | 'libc'> | null {
  const words = name.replace('windows', 'win32').split(/[-/]/);
  const os = words.find((word) => systems.includes(word));
  // turbo says darwin-64.
  const cpu = words.map((word) => (word === '64' ? 'x64' : word)).find((word) => processors.includes(word));
  if (os === undefined || cpu === undefined) return null;
  const abi = words.at(-1) ?? '';
  const libc =
    os !== 'linux' ? null : abi.startsWith('musl') ? 'musl' : abi.startsWith('gnu') ? 'glibc' : null;
  return { os: [os], cpu: [cpu], ...(libc === null ? {} : { libc: [libc] }) };
}

const lockPath = join(repoRoot, 'package-lock.json');

export function lockProblems(): string[] {
  const { packages } = JSON.parse(readFileSync(lockPath, 'utf8')) as { packages: LockPackages };
  return Object.keys(missingEntries(packages)).map(
    (path) => `package-lock.json lacks ${path}: npm run lock adds it, or npm ci fails elsewhere`,
  );
}

function fix(): void {
  const lock = JSON.parse(readFileSync(lockPath, 'utf8')) as { packages: LockPackages };
  const packages: LockPackages = { ...lock.packages, ...missingEntries(lock.packages) };
  const byPath = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(byPath);
  writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
}

if (process.argv[2] === '--fix') fix();
