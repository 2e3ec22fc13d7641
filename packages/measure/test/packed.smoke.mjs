/** Run against the packed package, from plain JavaScript. */
import assert from 'node:assert/strict';
import { bootstrap, listen, median, pidsOfTree } from '@switchyard/measure';

assert.equal(median([3, 1, 2]), 2);
const { interval } = bootstrap([10, 11, 12], 1);
assert.ok(interval[0] >= 10 && interval[1] <= 12);
const foreign = listen()();
assert.ok(foreign === undefined || foreign >= 0);
if (process.platform === 'linux') assert.ok(pidsOfTree().includes(process.pid));
console.log('measure: ok');
