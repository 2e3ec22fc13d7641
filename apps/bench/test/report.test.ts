import { suite } from '@switchyard/testing';
import { stripVTControlCharacters } from 'node:util';
import * as assert from 'uvu/assert';
import { aheadOf, atMost } from '../src/mark.ts';
import { renderRow, renderVerdicts } from '../src/report.ts';
import { CPU_AND_WALL, ONE_CASE, type NodeContender, type Row } from '../src/row.ts';
import { figuresOf, judgeRow, type Cell, type RowResult, type Run } from '../src/run-row.ts';

const test = suite('report');

const contender = (id: string): NodeContender => ({ id, label: `${id} label`, load: async () => () => {} });

const row: Row = {
  id: 'queue',
  title: 'queue ping-pong',
  per: 'round trip',
  method: 'time',
  n: 1_000,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [contender('ours'), contender('peer')],
  marks: [atMost(350, 'at most 350 ns'), aheadOf(4, 'peer', '4x ahead of the peer')],
};

const run = (cpu: number, others = 0): Run => ({
  samples: [{ cpu, wall: cpu + 1 }],
  figures: { cpu, wall: cpu + 1 },
  others,
});

const cell = (id: string, runs: Run[], more: Partial<Cell> = {}): Cell => ({
  contender: id,
  case: '-',
  n: 1_000,
  runs,
  ...more,
});

const result = (cells: readonly Cell[]): RowResult => ({ row, cells, outcomes: judgeRow(row, cells) });

/** A table's line as its cells. */
function tableLine(text: string, label: string): string[] {
  const found = text.split('\n').find((line) => line.includes(label)) ?? '';
  return found
    .split('│')
    .slice(1, -1)
    .map((each) => each.trim());
}

const print = (cells: readonly Cell[]): string => stripVTControlCharacters(renderRow(result(cells)));

const OURS = cell('ours', [run(200), run(190), run(260)]);

test('a line holds median, range, the other metrics and the ratio to ours', () => {
  const text = print([OURS, cell('peer', [run(900), run(1_000), run(1_100)])]);
  assert.equal(tableLine(text, 'ours label'), [
    'ours label',
    '1,000',
    '200 ns',
    '190 ns - 260 ns',
    '201 ns',
    '1',
  ]);
  assert.equal(tableLine(text, 'peer label'), [
    'peer label',
    '1,000',
    '1.00 us',
    '900 ns - 1.10 us',
    '1.00 us',
    '5.00x',
  ]);
});

test('marks are printed with their figures', () => {
  const text = print([OURS, cell('peer', [run(700), run(700), run(700)])]);
  assert.match(text, '  reached  at most 350 ns: 200 ns (190 ns - 260 ns)\n');
  assert.match(text, '  missed  4x ahead of the peer: 3.50x (2.69x - 3.68x)\n');
});

test('a peer that is not there is absent, and the marks that need it are not measured', () => {
  const text = print([OURS, cell('peer', [], { absent: 'npm ci failed: ENOTFOUND' })]);
  assert.equal(tableLine(text, 'peer label'), ['peer label', '1,000', 'absent', '-', '-', '-']);
  assert.match(text, '  not measured  4x ahead of the peer\n');
});

test('a peer that has no way to do it says why below the table', () => {
  const text = print([OURS, cell('peer', [], { cannot: 'it has no queue' })]);
  assert.equal(tableLine(text, 'peer label'), ['peer label', '1,000', 'cannot', '-', '-', '-']);
  assert.match(text, '  cannot: peer: it has no queue\n');
  assert.match(text, '  not measured  4x ahead of the peer\n');
});

test('a cell that crashed says why below the table', () => {
  const text = print([
    cell('ours', [], { crash: 'exit code 1\nTypeError: spawn is not a function' }),
    cell('peer', [run(700)]),
  ]);
  assert.equal(tableLine(text, 'ours label'), ['ours label', '1,000', 'crashed', '-', '-', '-']);
  assert.match(text, 'crashed: ours: exit code 1\nTypeError: spawn is not a function');
  assert.equal(tableLine(text, 'peer label').at(-1), '-');
});

test('runs that others disturbed are counted', () => {
  const text = print([cell('ours', [run(200), run(200, 0.9)]), cell('peer', [run(900), run(900, 0.1)])]);
  assert.match(text, 'disturbed: in 1 of 4 processes others used more than 0.2 of a core (up to 0.90)');
  assert.not.match(print([OURS]), 'disturbed');
});

test('the case is a column where there are several', () => {
  const two: Row = {
    ...row,
    marks: [],
    cases: [
      { id: '1', label: 'depth 1', value: 1 },
      { id: '2', label: 'depth 2', value: 2 },
    ],
  };
  const cells = ['1', '2'].map((id) => ({ ...OURS, case: id }));
  const text = stripVTControlCharacters(renderRow({ row: two, cells, outcomes: [] }));
  assert.equal(tableLine(text, 'depth 2').slice(0, 4), ['depth 2', 'ours label', '1,000', '200 ns']);
});

test('the last lines count the marks and repeat the missed ones', () => {
  const text = stripVTControlCharacters(
    renderVerdicts([result([OURS, cell('peer', [run(700), run(700), run(700)])])]),
  );
  assert.is(
    text,
    'marks: 1 reached, 1 missed, 0 not measured\n  queue  missed  4x ahead of the peer: 3.50x (2.69x - 3.68x)',
  );
});

test('a process counts with the median of its rounds', () => {
  assert.equal(
    figuresOf([
      { cpu: 3, wall: 1 },
      { cpu: 1, wall: 9 },
      { cpu: 2, wall: 5 },
    ]),
    { cpu: 2, wall: 5 },
  );
});

test.run();
