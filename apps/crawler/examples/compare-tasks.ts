// Which engine for which job: files are hashed (a core is busy), answers of a server are waited for, and a job does both. The
// same three functions under each engine. The figures are another machine's business; what is printed here is what must hold.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Coroutine, fetch, until } from '@switchyard/gevent';
import { isMain, task } from '@switchyard/remote';
import type { Comparison } from '../src/index.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A core at work, and a disk. */
export const hashFile = task(import.meta, 'hashFile', async (path: string) => sha256(await readFile(path)));

/** Nothing but waiting. */
export const ask = task(import.meta, 'ask', function* (url: string): Coroutine<number> {
  const response = yield* fetch(url);
  return (yield* response.text()).length;
});

/** Both: what a server says decides what is hashed, and how often. */
export const mixed = task(import.meta, 'mixed', function* (url: string, path: string): Coroutine<string> {
  const rounds = yield* ask(url);
  let bytes: Uint8Array = yield* until(readFile(path));
  for (let round = 0; round < rounds; round++) bytes = Buffer.from(sha256(bytes));
  return bytes.toString();
});

/** Whose results were the same, and who was fastest where. */
function check({ cells, warnings }: Comparison): void {
  for (const work of new Set(cells.map(({ point }) => point.work))) {
    const here = cells.filter(({ point }) => point.work === work);
    const engines = here.map(({ setting, runs }) => `${setting.id} ${runs[0]?.pages}`);
    const digests = new Set(here.flatMap(({ runs }) => runs.map(({ digest }) => digest)));
    console.log(
      `${work}: ${engines.join(', ')}; ${digests.size === 1 ? 'the same results' : warnings.join()}`,
    );
  }
}

// Each run imports this module to find its task: what is only needed here is loaded only here.
if (isMain(import.meta)) {
  const { analyse, compare, textReport } = await import('../src/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'compare-tasks-'));
  const server = createServer((_, response) => setTimeout(() => response.end('x'.repeat(100)), 10));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const paths = Array.from({ length: 8 }, (_, index) => join(folder, `${index}.bin`));
  for (const path of paths) await writeFile(path, randomBytes(1 << 18));

  try {
    // Few runs, so that it is done in a moment: `node examples/compare-tasks.ts 5` is worth believing.
    const runs = Number(process.argv[2] ?? 1);
    const comparison = await compare(
      [
        { name: 'hash files', task: hashFile, items: paths.map((path) => [path]) },
        { name: 'ask a server', task: ask, items: paths.map(() => [url]) },
        { name: 'both', task: mixed, items: paths.map((path) => [url, path]) },
      ],
      ['greenlet', { engine: 'threads', workers: 2 }],
      { runs, inFlight: 8, ...(runs === 1 && { warmups: 0, repeats: 0 }) },
    );
    check(comparison);
    if (runs > 1) console.log(textReport(comparison, analyse(comparison)));
  } finally {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  }
}

// Output:
// hash files: greenlet 8, threads 8; the same results
// ask a server: greenlet 8, threads 8; the same results
// both: greenlet 8, threads 8; the same results
