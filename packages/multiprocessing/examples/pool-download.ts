/** Workers download pages, and a callback in the main process parses each as it comes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMain, Pool, task } from '@switchyard/multiprocessing';

export const download = task(import.meta, 'download', async (url: string) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).pathname}: status ${response.status}`);
  return { path: new URL(url).pathname, html: await response.text() };
});

function parse({ path, html }: { path: string; html: string }) {
  const title = /<title>(.*?)<\/title>/.exec(html)?.[1];
  const links = html.match(/<a /g)?.length ?? 0;
  console.log(`${path}: ${title}, ${links} links`);
}

if (isMain(import.meta)) {
  const pages: Record<string, string> = {
    '/': '<title>Home</title><a href=/tea>tea</a><a href=/cake>cake</a>',
    '/tea': '<title>Tea</title><a href=/>home</a>',
    '/cake': '<title>Cake</title>',
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page === undefined ? 404 : 200, { connection: 'close' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const pool = new Pool(2);
  for (const path of [...Object.keys(pages), '/gone']) {
    void pool.applyAsync(download, [`http://127.0.0.1:${port}${path}`], {
      callback: parse,
      errorCallback: (error) => console.log(String(error)),
    });
  }
  pool.close();
  await pool.join();
  server.close();
}

// Output (any order):
// /: Home, 2 links
// /tea: Tea, 1 links
// /cake: Cake, 0 links
// Error: /gone: status 404
