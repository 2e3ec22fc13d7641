import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { readOptions } from '../src/options.ts';
import { ROWS } from '../src/rows/all.ts';

const test = suite('options');

const names = (...argv: string[]): string[] => readOptions(argv, ROWS).rows.map(({ id }) => id);

test('no row named means all of them', () => {
  assert.equal(
    names(),
    ROWS.map(({ id }) => id),
  );
});

test('rows go by the beginning of their names, in the order of the table', () => {
  assert.equal(names('queue', 'sw'), ['switch', 'queue']);
});

test('five runs, three when it has to be quick, or as many as asked for', () => {
  assert.is(readOptions([], ROWS).runs, 5);
  assert.is(readOptions(['--quick'], ROWS).runs, 3);
  assert.is(readOptions(['--quick', '--runs', '7'], ROWS).runs, 7);
});

test('contenders may be picked, and rows without any of them are left out', () => {
  const { rows } = readOptions(['--only', 'ours,co', 'spawn', 'queue'], ROWS);
  assert.equal(
    rows.map(({ id, contenders }) => [id, ...contenders.map((contender) => contender.id)]),
    [
      ['spawn-join', 'ours', 'co'],
      ['queue', 'ours'],
    ],
  );
  assert.equal(names('--only', 'co'), ['spawn-join']);
  assert.throws(
    () => names('--only', 'tornado'),
    /Expected --only to name contenders \(ours, .*\), got "tornado"/,
  );
});

test('what is not understood is said, with what was given', () => {
  assert.throws(() => names('gevnt'), /Expected the name of a row \(switch, .*\), got "gevnt"/);
  assert.throws(() => names('--runs', '0'), 'Expected --runs to be a whole number from 1 and up, got "0"');
  assert.throws(() => names('--scale', '2'), 'Expected --scale to be a number above 0 and up to 1, got "2"');
  assert.throws(() => names('--fast'), /--fast/);
  assert.throws(
    () => names('--node', 'no-such-node'),
    'Expected --node to be a Node that runs, got "no-such-node"',
  );
});

test.run();
