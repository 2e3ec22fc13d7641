import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ScratchFile {
  readonly path: string;
  readonly file: number;
  /** Takes away its name. Whoever has opened it goes on using it, and nothing is left of it whatever ends them. */
  unlink(): void;
}

/** A new file with these bytes, open for reading and writing. */
export function scratchFile(bytes: Uint8Array): ScratchFile {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const path = join(folder, 'scratch');
  writeFileSync(path, bytes);
  return { path, file: openSync(path, 'r+'), unlink: () => rmSync(folder, { recursive: true }) };
}
