import { spawn as spawnProcess } from 'node:child_process';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { serve } from './fetch-server.ts';

const exit = suite('fetch and the end of a program');

/** Runs a module that has `fetch`, `spawn` and `url`, and tells how long it lived after it said `done`. */
async function program(
  url: string,
  body: string,
): Promise<{ code: number | null; output: string; lingered: number }> {
  const sources = (name: string): string =>
    JSON.stringify(new URL(`../src/${name}.ts`, import.meta.url).href);
  const code = `
    import { fetch } from ${sources('fetch/fetch')};
    import { spawn } from ${sources('greenlet')};
    const url = ${JSON.stringify(url)};
    ${body}
  `;
  const child = spawnProcess(process.execPath, [...process.execArgv, '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let done = Infinity;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('done')) done = Math.min(done, performance.now());
    });
  }
  const status = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { code: status, output, lingered: performance.now() - done };
}

exit('idle connections do not keep the process alive', async () => {
  await using server = await serve((_request, answer) => answer.end('x'));

  const { code, output, lingered } = await program(
    server.url,
    `const texts = await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()));
     console.log(texts.join(''), 'done');`,
  );

  assert.is(output, 'xxx done\n');
  assert.is(code, 0);
  // undici keeps an idle connection for four seconds.
  assert.ok(lingered < 2_000, `the process lived on for ${lingered} ms`);
});

exit('a large body that nobody reads does not, nor do timeouts', async () => {
  await using server = await serve((_request, answer) => answer.end(Buffer.alloc(50_000_000)));

  const { code, output, lingered } = await program(
    server.url,
    `const response = await fetch(url, { timeouts: { connect: 60_000, headers: 60_000, idle: 60_000, total: 60_000 } });
     console.log(response.status, 'done');`,
  );

  assert.is(output, '200 done\n');
  assert.is(code, 0);
  assert.ok(lingered < 2_000, `the process lived on for ${lingered} ms`);
});

exit('a killed fetch does not', async () => {
  await using server = await serve(() => {});

  const { code, output, lingered } = await program(
    server.url,
    `const greenlet = spawn(function* () { yield* fetch(url); });
     await new Promise((resolve) => setTimeout(resolve, 100));
     await greenlet.kill();
     console.log('done');`,
  );

  assert.is(output, 'done\n');
  assert.is(code, 0);
  assert.ok(lingered < 2_000, `the process lived on for ${lingered} ms`);
});

exit('a fetch under way does', async () => {
  await using server = await serve((_request, answer) => void setTimeout(() => answer.end('late'), 300));

  const { output } = await program(
    server.url,
    `spawn(function* () {
       const response = yield* fetch(url);
       console.log(yield* response.text());
     });`,
  );

  assert.is(output, 'late\n');
});

exit.run();
