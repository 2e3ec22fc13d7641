import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where to find somebody who listens, and the key to be let in. @internal */
export interface Address {
  readonly path: string;
  /** In base64. */
  readonly key: string;
}

/**
 * A new address that nobody else knows. On Linux it is a name without a file, so that nothing can be left behind; anyone may
 * knock there, and only who has the key is let in. Elsewhere it is a socket in a directory of its own, for this user only.
 *
 * @internal
 */
export function newAddress(): Address {
  const name = `switchyard-${process.pid}-${randomBytes(12).toString('hex')}`;
  return { path: pathOf(name), key: randomBytes(32).toString('base64') };
}

function pathOf(name: string): string {
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const directory = join(tmpdir(), name);
  mkdirSync(directory, { mode: 0o700 });
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 's');
}
