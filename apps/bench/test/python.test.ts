import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { findPython, missingPython, whyNot, type Python } from '../src/python.ts';
import { CPU_AND_WALL, ONE_CASE, type PythonContender, type Row } from '../src/row.ts';

const test = suite('python');

const GEVENT: PythonContender = { id: 'gevent', label: 'gevent', script: 'gevent_spawn.py' };
const STANDARD: PythonContender = { ...GEVENT, id: 'python', standard: true };
const BARE: Python = { command: 'python3', python: '3.11.2' };
const FULL: Python = { ...BARE, gevent: { greenlet: '2.0.2', gevent: '22.10.2' } };

const row: Row = {
  id: 'row',
  title: 'row',
  per: 'thing',
  method: 'time',
  n: 2,
  cases: ONE_CASE,
  metrics: CPU_AND_WALL,
  contenders: [GEVENT, STANDARD],
  marks: [],
};

test('without gevent, only who needs nothing but Python takes part', () => {
  assert.is(whyNot(STANDARD, BARE), undefined);
  assert.match(whyNot(GEVENT, BARE) ?? '', 'gevent');
  assert.is(whyNot(GEVENT, FULL), undefined);
});

test('without Python nobody does', () => {
  assert.is(whyNot(STANDARD, undefined), 'no python3 here');
  assert.is(whyNot(GEVENT, undefined), 'no python3 here');
});

test('what is missing is said once, whoever wanted it', () => {
  assert.equal(missingPython([row, row], FULL), []);
  assert.equal(missingPython([row, row], BARE), [
    'peers gevent and greenlet: absent (no python3 here imports gevent and greenlet)',
  ]);
  assert.equal(missingPython([row, row], undefined), ['peer python: absent (no python3 here)']);
});

test('a command that is not there, or is no Python, is not found', () => {
  assert.is(findPython(['/nonexistent/python3', process.execPath]), undefined);
});

test.run();
