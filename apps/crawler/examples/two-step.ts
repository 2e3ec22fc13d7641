// The two-step form of Python's executors: a pool downloads, and a done-callback saves what has come. The same two
// functions under threads and under greenlets.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Coroutine, fetch, Queue, until } from '@switchyard/gevent';
import {
  type Future,
  GreenletPoolExecutor,
  isMain,
  task,
  ThreadPoolExecutor,
  transfer,
} from '@switchyard/futures';
import { DEFAULT_SITE, startDemo } from '../src/index.ts';

interface Page {
  readonly name: string;
  readonly body: Uint8Array;
}

/** Step one, wherever the pool has its workers. The body moves from there to here; it is not copied. */
export const download = task(import.meta, 'download', function* (url: string): Coroutine<Page> {
  const response = yield* fetch(url);
  const body = yield* response.bytes();
  return transfer({ name: `${new URL(url).pathname.slice(1).replaceAll('/', '-')}.html`, body });
});

// Workers import this file to find `download`, and nothing more.
if (isMain(import.meta)) {
  const demo = await startDemo({ ...DEFAULT_SITE, pages: 20, latency: 5 });
  const urls = Array.from({ length: 6 }, (_, index) => `${demo.url}page/${index + 1}`);

  for (const pool of [
    new ThreadPoolExecutor({ maxWorkers: 2 }),
    new GreenletPoolExecutor({ maxWorkers: 2 }),
  ]) {
    const folder = await mkdtemp(join(tmpdir(), 'two-step-'));
    const sizes = new Queue<number>();

    /** Step two, in this thread, while others are still being downloaded. */
    const save = function* (future: Future<Page>): Coroutine {
      const { name, body } = yield* future; // it is done: this does not wait
      yield* until(writeFile(join(folder, name), body));
      yield* sizes.put(body.byteLength);
    };

    for (const url of urls) pool.submit(download, url).addDoneCallback(save);
    let bytes = 0;
    for (const _ of urls) bytes += await sizes.get();
    await pool.shutdown();

    console.log(`${pool.constructor.name}: ${bytes} bytes in ${(await readdir(folder)).join(' ')}`);
    await rm(folder, { recursive: true });
  }
  await demo.stop();
}

// Output:
// ThreadPoolExecutor: 49750 bytes in page-1.html page-2.html page-3.html page-4.html page-5.html page-6.html
// GreenletPoolExecutor: 49750 bytes in page-1.html page-2.html page-3.html page-4.html page-5.html page-6.html
