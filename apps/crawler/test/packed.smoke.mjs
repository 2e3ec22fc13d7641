/** Run against the packed package: tasks of plain JavaScript compared, and the report of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { analyse, compare, htmlReport, textReport } from '@switchyard/crawler';
import { isMain, task } from '@switchyard/remote';

export const hash = task(import.meta, 'hash', (text) => createHash('sha256').update(text).digest('hex'));

if (isMain(import.meta)) {
  const items = ['a', 'b', 'c', 'd'].map((text) => [text]);
  const engines = ['serial', { engine: 'threads', workers: 1 }, { engine: 'processes', workers: 1 }];
  const comparison = await compare({ name: 'hash', task: hash, items }, engines, {
    runs: 1,
    warmups: 0,
    repeats: 0,
  });
  assert.deepEqual(
    comparison.cells.map(({ failed, runs }) => [failed, runs[0]?.pages]),
    [
      [null, 4],
      [null, 4],
      [null, 4],
    ],
  );
  assert.equal(new Set(comparison.cells.map(({ runs }) => runs[0]?.digest)).size, 1);
  const analysis = analyse(comparison);
  assert.match(textReport(comparison, analysis), /items\/s/);
  assert.match(htmlReport(comparison, analysis), /<\/html>/);
}
