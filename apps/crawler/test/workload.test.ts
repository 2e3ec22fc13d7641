import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@switchyard/gevent';
import { suite } from '@switchyard/testing';
import { parse } from 'parse5';
import * as assert from 'uvu/assert';
import { ENGINES } from '../src/engines/engines.ts';
import type { Arrival } from '../src/fetch/arrival.ts';
import { DEFAULT_FETCH } from '../src/fetch/settings.ts';
import type { Outcome } from '../src/outcome.ts';
import { burn, countRounds } from '../src/workload/burn.ts';
import { readDom, textOf } from '../src/workload/dom.ts';
import { parseWorkload } from '../src/workload/parse-workload.ts';
import { read } from '../src/workload/read.ts';
import { simhash } from '../src/workload/simhash.ts';
import { nameOf, type Workload } from '../src/workload/workload.ts';
import { SmallSite } from './small-site.ts';
import { crawled, LONG } from './worker-runs.ts';

const test = suite('work on pages');

const folder = mkdtempSync(join(tmpdir(), 'switchyard-work-'));
test.after(() => rmSync(folder, { recursive: true }));

function moduleOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const ARRIVAL: Arrival = {
  type: 'arrival',
  status: 200,
  location: undefined,
  retryAfter: undefined,
  contentType: 'text/html',
  robotsTag: undefined,
  body: Buffer.from('<title>t</title><p>one <b>two</b><script>three()</script><a href="/next">four</a>'),
  wireBytes: 80,
  timings: { headers: 1, body: 1 },
};

async function outcomeOf(work: Workload): Promise<Outcome> {
  const job = { id: 1, kind: 'page', url: 'http://x/', attempt: 1 } as const;
  return await spawn(read, job, ARRIVAL, { ...DEFAULT_FETCH, work });
}

async function resultOf(work: Workload): Promise<unknown> {
  const outcome = await outcomeOf(work);
  if (outcome.type === 'failure') throw new Error(outcome.message);
  return outcome.content.type === 'page' ? outcome.content.work : undefined;
}

async function refusal(text: string): Promise<string> {
  try {
    await parseWorkload(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

test('the text of a page is what one reads: no scripts, styles or titles', () => {
  const html =
    '<title>no</title><style>no{}</style><p>one<p>two <b>three</b><script>no()</script><!-- no -->';
  assert.is(textOf(html, parse), 'one two three');
});

test('a page may be nested deeper than calls can be', () => {
  assert.is(readDom(`${'<div>'.repeat(40_000)}deep`, parse).words, 1);
});

test('texts that share most of their words have nearly the same fingerprint', () => {
  const words = Array.from({ length: 400 }, (_, index) => `word${(index * 7919) % 1009}`);
  const bits = (a: string, b: string): number => {
    const differ = (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2);
    return differ.split('1').length - 1;
  };
  const original = simhash(words);
  assert.match(original, /^[0-9a-f]{16}$/);
  const near = bits(original, simhash([...words.slice(0, 390), 'something', 'else', ...words.slice(392)]));
  const far = bits(original, simhash(words.map((word) => `other${word}`)));
  assert.ok(near < 10 && near < far, `near ${near}, far ${far} bits`);
});

test('twice as many rounds are twice as much work', () => {
  const perMillisecond = countRounds();
  const least = (rounds: number): number => {
    let best = Infinity;
    for (let turn = 0; turn < 20; turn++) {
      const start = performance.now();
      burn(rounds);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const [one, two] = [least(perMillisecond), least(2 * perMillisecond)];
  assert.ok(two > one * 1.5 && two < one * 2.5, `1 ms of rounds took ${one} ms, 2 ms took ${two} ms`);
});

test('works are written as they are named', async () => {
  for (const text of ['links', 'dom', '4ms', '0.5ms']) assert.is(nameOf(await parseWorkload(text)), text);
  assert.is(nameOf(await parseWorkload('3')), '3ms');
  assert.is(nameOf(await parseWorkload('0ms')), 'links');
});

test('what is no work is refused, and says what to write instead', async () => {
  assert.match(
    await refusal('lots'),
    /Expected links, dom, milliseconds such as 4ms, or the path of a module as --work, got "lots"$/,
  );
  assert.match(await refusal('./lots.js'), /got "\.\/lots\.js", where there is no file/);
  assert.match(await refusal('20000ms'), /at most 10000ms/);
  assert.match(
    await refusal(moduleOf('empty.mjs', 'export const x = 1;')),
    /export a function as its default, got no default export; write export default function/,
  );
  assert.match(await refusal(moduleOf('broken.mjs', 'export default (')), /cannot be loaded \(SyntaxError/);
  assert.match(
    await refusal(moduleOf('thrower.mjs', 'throw new RangeError("at once");')),
    /cannot be loaded \(RangeError: at once\)/,
  );
});

const KINDS: readonly (readonly [name: string, text: string])[] = [
  ['a function', 'export default (page) => ({ url: page.url, text: page.text, length: page.html.length });'],
  [
    'an async function',
    'export default async (page) => { await 1; return { url: page.url, text: page.text, length: page.html.length }; }',
  ],
  [
    'a generator function',
    `import { sleep } from ${JSON.stringify(import.meta.resolve('@switchyard/gevent'))};
     export default function* (page) { yield* sleep(1); return { url: page.url, text: page.text, length: page.html.length }; }`,
  ],
];

for (const [index, [name, text]] of KINDS.entries()) {
  test(`the result of a module's ${name.slice(name.indexOf(' ') + 1)} is waited for and kept`, async () => {
    const work = await parseWorkload(moduleOf(`kind-${index}.mjs`, text));
    assert.equal(await resultOf(work), { url: 'http://x/', text: 'one two four', length: 81 });
  });
}

test('a result is as JSON has it, and nothing is null', async () => {
  const work = await parseWorkload(
    moduleOf('odd.mjs', 'export default () => ({ at: new Date(0), no: undefined });'),
  );
  assert.equal(await resultOf(work), { at: '1970-01-01T00:00:00.000Z' });
  assert.is(await resultOf(await parseWorkload(moduleOf('none.mjs', 'export default () => {};'))), null);
});

test('a page whose work throws has failed, whenever it throws', async () => {
  for (const [name, text] of [
    ['soon.mjs', 'export default () => { throw new RangeError("tripped"); };'],
    ['late.mjs', 'export default async () => { await 1; throw new RangeError("tripped"); };'],
  ] as const) {
    const outcome = await outcomeOf(await parseWorkload(moduleOf(name, text)));
    assert.is(outcome.type, 'failure');
    assert.match((outcome as { message: string }).message, /tripped/);
    assert.equal(
      [(outcome as { kind: string }).kind, (outcome as { temporary: boolean }).temporary],
      ['internal', false],
    );
  }
});

for (const name of ['serial', 'greenlet', 'select', 'threads', 'processes', 'hybrid']) {
  const engine = ENGINES.get(name);
  if (engine === undefined) continue;
  test(`${name} does the work, and its records tell what came of it`, LONG, async () => {
    const path = moduleOf('records.mjs', 'export default (page) => page.text;');
    const work = await parseWorkload(path);
    const site = await SmallSite.start(['/a', '/b']);
    const run = await crawled(site, { engine, workers: 2, fetch: { work } });
    assert.equal([run.record('/a').work, run.record('/b').work], ['/a', '/b']);
  });
}

test.run();
