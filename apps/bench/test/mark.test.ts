import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { aheadOf, atMost, atMostTimes, flat, judge, type Figure, type Lookup } from '../src/mark.ts';

const test = suite('mark');

const lookup =
  (values: Record<string, readonly number[]>): Lookup =>
  ({ contender, case: id, metric }: Figure) =>
    values[`${contender}/${id}/${metric}`];

test('a limit is reached by what is equal to it', () => {
  const outcome = judge(atMost(100, 'at most 100 ns'), lookup({ 'ours/-/cpu': [100, 90, 100] }));
  assert.is(outcome.verdict, 'reached');
  assert.is(outcome.figure?.median, 100);
});

test('a limit is missed by the median, not by one disturbed run', () => {
  assert.is(judge(atMost(100, ''), lookup({ 'ours/-/cpu': [90, 90, 400] })).verdict, 'reached');
  assert.is(judge(atMost(100, ''), lookup({ 'ours/-/cpu': [90, 101, 400] })).verdict, 'missed');
});

test('a range across the limit is said to be close, one on either side of it is not', () => {
  assert.is(judge(atMost(100, ''), lookup({ 'ours/-/cpu': [90, 90, 101] })).close, true);
  assert.is(judge(atMost(100, ''), lookup({ 'ours/-/cpu': [90, 91, 92] })).close, false);
  assert.is(judge(atMost(100, ''), lookup({ 'ours/-/cpu': [190, 191, 192] })).close, false);
});

test('"at most 2x" divides ours by the peer', () => {
  const figures = lookup({ 'ours/-/cpu': [30], 'raw/-/cpu': [20] });
  const outcome = judge(atMostTimes(2, 'raw', 'at most 2x raw'), figures);
  assert.is(outcome.verdict, 'reached');
  assert.is(outcome.figure?.median, 1.5);
});

test('"3.5x ahead" divides the peer by ours', () => {
  const figures = lookup({ 'ours/-/cpu': [40], 'python/-/cpu': [120] });
  const outcome = judge(aheadOf(3.5, 'python', '3.5x faster'), figures);
  assert.is(outcome.verdict, 'missed');
  assert.is(outcome.figure?.median, 3);
});

test('"flat" compares ours in two cases', () => {
  const figures = lookup({ 'ours/100/cpu': [90], 'ours/1/cpu': [42] });
  assert.is(judge(flat(2, '100', '1', 'flat'), figures).verdict, 'missed');
  assert.is(judge(flat(2.5, '100', '1', 'flat'), figures).verdict, 'reached');
});

test('a mark may be of another metric and another case', () => {
  const figures = lookup({ 'ours/join/peak': [8e8] });
  assert.is(judge(atMost(1e9, 'under 1 GB', { case: 'join', metric: 'peak' }), figures).verdict, 'reached');
});

test('a mark with a side that was not measured is neither reached nor missed', () => {
  const outcome = judge(aheadOf(2, 'gevent', ''), lookup({ 'ours/-/cpu': [40] }));
  assert.is(outcome.verdict, 'not measured');
  assert.is(outcome.figure, undefined);
});

test.run();
