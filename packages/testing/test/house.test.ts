import { suite } from '@switchyard/testing';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { objection } from '../src/floors.ts';
import { houseProblems } from '../src/house-check.ts';
import { repoRoot } from '../src/workspace.ts';

const test = suite('house');

test('this repository keeps its rules', () => {
  assert.equal(houseProblems(repoRoot), []);
});

test('a house in disorder is told everything at once', () => {
  const problems = houseProblems(fileURLToPath(new URL('../fixtures/house', import.meta.url)));
  assert.fixture(
    problems.toSorted().join('\n'),
    [
      'packages import in a circle: @switchyard/greenlet -> @switchyard/hub -> @switchyard/greenlet',
      'packages/greenlet/package.json: @switchyard/greenlet (floor 1) may not import @switchyard/hub (floor 2): allowed are none',
      'packages/greenlet/src/index.ts:1: @switchyard/greenlet (floor 1) may not import @switchyard/hub (floor 2): allowed are none',
      'packages/greenlet/src/index.ts:2: imports "fs": write "node:fs"',
      'packages/greenlet/src/index.ts:3: imports "../../hub/src/secret.ts", which is outside of its package: import a package by its name',
      'packages/greenlet/tsconfig.json: add the reference { "path": "../hub" }',
      'packages/hub/src/index.ts:1: imports "@switchyard/greenlet/src/frame.ts", which is internal: @switchyard/greenlet exports no "./src/frame.ts"',
      'packages/hub/src/index.ts:3: imports "undeclared", which its package.json does not declare',
      'packages/hub/src/index.ts:8: imports "also-undeclared", which its package.json does not declare',
      'packages/hub/tsconfig.json: references "../select", no dependency of its package.json',
      'packages/threading/package.json: @switchyard/threading (floor 4) may not import @switchyard/multiprocessing (floor 4): allowed are hub, greenlet, remote',
      'packages/threading/package.json: @switchyard/threading may not depend on left-pad: the table lists no such import',
      'packages/tsconfig.json: does not reference packages/unknown, which is never built',
      'packages/unknown/package.json: @switchyard/unknown has no floor: add it to the table in packages/testing/src/floors.ts',
    ].join('\n'),
  );
});

test('what a listed package imports in turn is allowed too', () => {
  assert.is(objection('gevent', 'greenlet'), null);
  assert.is(objection('crawler', 'socketserver'), null);
  assert.is(objection('crawler', 'commander'), null);
  assert.match(objection('hub', 'gevent') ?? '', 'may not import');
  assert.match(objection('gevent', 'remote') ?? '', 'may not import');
});

test.run();
