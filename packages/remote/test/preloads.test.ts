import { fileURLToPath } from 'node:url';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { inline } from '../src/index.ts';
import { preloads } from '../src/preloads.ts';
import { endFresh, fresh, type Kind, kinds } from './support.ts';

const test = suite('--import');
test.after.each(endFresh);

const mark = new URL('./preloaded.mjs', import.meta.url).href;

test('its modules are found in the options, but for those of tsx', () => {
  const options = [
    '--conditions=x',
    '--import',
    mark,
    '--import',
    '/x/tsx/loader.mjs',
    '--import=/a/b.mjs',
    '--import=no-such',
  ];
  assert.equal(preloads(options), [mark, 'file:///a/b.mjs']);
});

for (const kind of Object.keys(kinds) as Kind[]) {
  test(`they have their effect in a ${kind}`, { timeout: 20_000 }, async () => {
    const host = fresh(kind, { execArgv: [...process.execArgv, '--import', fileURLToPath(mark)] });
    assert.is(await host.run(inline(() => (globalThis as { preloaded?: boolean }).preloaded)), true);
  });
}

test.run();
