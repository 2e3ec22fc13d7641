import { suite } from '@switchyard/testing';
import { existsSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import type { Figure } from '../src/mark.ts';
import { planCell, portion } from '../src/plan.ts';
import { isPython, OURS, type Row } from '../src/row.ts';
import { ROWS } from '../src/rows/all.ts';

const test = suite('rows');

const each = (check: (row: Row) => void): void => ROWS.forEach(check);

test('every mark names contenders, cases and metrics that its row has', () => {
  const known = (row: Row, { contender, case: id, metric }: Figure): boolean =>
    row.contenders.some((entrant) => entrant.id === contender) &&
    row.cases.some((setting) => setting.id === id) &&
    row.metrics.some((column) => column.id === metric);
  each((row) => {
    for (const mark of row.marks) {
      assert.ok(known(row, mark.of), `${row.id}: ${mark.text}: ${JSON.stringify(mark.of)}`);
      if (mark.over !== undefined)
        assert.ok(known(row, mark.over), `${row.id}: ${mark.text}: ${JSON.stringify(mark.over)}`);
    }
  });
});

test('every row has ours, and no name twice', () => {
  assert.is(new Set(ROWS.map(({ id }) => id)).size, ROWS.length);
  each(({ id, contenders }) => {
    const names = contenders.map((contender) => contender.id);
    assert.ok(names.includes(OURS), id);
    assert.is(new Set(names).size, names.length, id);
  });
});

test('who cannot take part in a case names one that there is, and can take part in another', () => {
  each(({ id, cases, contenders }) => {
    const names = cases.map((setting) => setting.id);
    for (const contender of contenders) {
      const cannot = Object.keys(contender.cannot ?? {});
      for (const name of cannot) assert.ok(names.includes(name), `${id} ${contender.id}: ${name}`);
      assert.ok(cannot.length < names.length, `${id} ${contender.id} can do nothing`);
      if (contender.id === OURS) assert.is(cannot.length, 0, id);
    }
  });
});

test('every Python script is there, and none is called like a module of the standard library', () => {
  each(({ contenders }) => {
    for (const contender of contenders) {
      if (!isPython(contender)) continue;
      assert.ok(existsSync(new URL(`../python/${contender.script}`, import.meta.url)), contender.script);
      assert.match(contender.script, /^(gevent|greenlet|pool|process|select|thread)_\w+\.py$/);
    }
  });
});

test('every npm peer is in the package file, and locked without the host it came from', () => {
  const read = (name: string): string => readFileSync(new URL(`../peers/${name}`, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  each(({ contenders }) => {
    for (const contender of contenders) {
      if (!isPython(contender) && contender.peer !== undefined)
        assert.ok(contender.peer in dependencies, contender.peer);
    }
  });
  assert.not.match(read('package-lock.json'), '"resolved"');
});

const inFlight = (row: string, value: number): number =>
  ['fetch', 'thread-task', 'process-task'].includes(row) ? 64 : row === 'sleep0' ? value : 2;

test('tasks that share a round get whole numbers of operations, at any scale', () => {
  for (const scale of [1, 0.5, 0.03, 0.001]) {
    each((row) => {
      for (const setting of row.cases) {
        for (const contender of row.contenders) {
          const { n, warmN } = planCell(row, setting, contender, scale);
          const tasks = inFlight(row.id, setting.value);
          assert.is(n % tasks, 0, `${row.id} ${contender.id}: n ${n}`);
          assert.is(warmN % tasks, 0, `${row.id} ${contender.id}: warm-up ${warmN}`);
        }
      }
    });
  }
});

test('a portion of the whole is the whole', () => {
  assert.is(portion(20_001, 1), 20_001);
});

test.run();
