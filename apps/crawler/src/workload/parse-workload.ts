import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { countRounds } from './burn.ts';
import { loadWork, WorkloadError } from './perform.ts';
import type { Workload } from './workload.ts';

/** More CPU time than this for one page would be a slip of the keyboard. */
const MOST = 10_000;

let perMillisecond: number | undefined;

/**
 * What `--work` says, loaded into this thread. Milliseconds are counted in rounds here, once, so that all engines do the same number of them.
 *
 * @throws WorkloadError for what is no work, and for a module that cannot be loaded or exports no function
 */
export async function parseWorkload(text: string): Promise<Workload> {
  if (text === 'links') return { type: 'links' };
  if (text === 'dom') return loaded({ type: 'dom' });
  const ms = /^(\d+(?:\.\d+)?)(?:ms)?$/.exec(text)?.[1];
  if (ms !== undefined) {
    if (Number(ms) === 0) return { type: 'links' };
    if (Number(ms) > MOST) throw new WorkloadError(`Expected at most ${MOST}ms as --work, got "${text}"`);
    perMillisecond ??= countRounds();
    return { type: 'burn', ms: Number(ms), rounds: Math.round(Number(ms) * perMillisecond) };
  }
  const path = text.startsWith('file:') ? new URL(text) : pathToFileURL(resolve(text));
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new WorkloadError(
      `Expected links, dom, milliseconds such as 4ms, or the path of a module as --work, got "${text}"${/[./\\]/.test(text) ? ', where there is no file' : ''}`,
    );
  }
  return loaded({ type: 'module', href: path.href, name: text });
}

async function loaded(work: Workload): Promise<Workload> {
  await loadWork(work);
  return work;
}
