import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { readSamples } from '../src/start-cell.ts';

const test = suite('start of a cell');

test('samples are read from among whatever else a process prints', () => {
  assert.equal(readSamples('hello\n{"sample":{"cpu":1}}\n{"other":2}\n{"sample": {"cpu": 2}}\n'), [
    { cpu: 1 },
    { cpu: 2 },
  ]);
});

test.run();
