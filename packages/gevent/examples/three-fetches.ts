/** Three pages at once: three greenlets, one `joinall`. */
import { createServer } from 'node:http';
import { fetch, joinall, spawn } from '@switchyard/gevent';

const server = createServer((request, response) => {
  response.end(`the page ${request.url}`);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };

function* download(path: string) {
  const response = yield* fetch(`http://127.0.0.1:${port}${path}`);
  return yield* response.text();
}

const jobs = ['/a', '/b', '/c'].map((path) => spawn(download, path));
await joinall(jobs, { timeout: 5000 });
console.log(jobs.map((job) => job.value));
server.close();

// Output:
// [ 'the page /a', 'the page /b', 'the page /c' ]
