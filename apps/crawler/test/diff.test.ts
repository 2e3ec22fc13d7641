import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { checkRanking } from '../src/compare/analysis/check.ts';
import { diffText } from '../src/compare/analysis/diff.ts';
import { ComparisonFileError, parseComparison } from '../src/compare/analysis/parse.ts';
import type { Comparison } from '../src/compare/result.ts';
import { atSpeed, made } from './made-comparison.ts';

const speeds = (values: Readonly<Record<string, number>>, share = 0.02): Comparison => {
  const one = made();
  const cells = one.cells
    .filter(({ setting }) => values[setting.id] !== undefined)
    .map((cell) => atSpeed(cell, values[cell.setting.id]!, share));
  return { ...one, cells };
};

const check = suite('a repeated comparison');

check('confirms a ranking', () => {
  const { holds, text } = checkRanking(
    speeds({ serial: 20, greenlet: 1000, threads: 800 }),
    speeds({ serial: 19, greenlet: 900, threads: 750 }),
  );
  assert.ok(holds);
  assert.is(text, 'The ranking holds: none of 3 pairs of engines changed places, and the same are in front.');
});

check('does not confirm one when two have changed places', () => {
  const { holds, text } = checkRanking(
    speeds({ greenlet: 1000, threads: 800 }),
    speeds({ greenlet: 800, threads: 1000 }),
  );
  assert.not.ok(holds);
  assert.match(text, /^The ranking does not hold\.\n/);
  assert.match(
    text,
    /greenlet and threads changed places \(1,000 against 800\/s, then 800 against 1,000\/s\)/,
  );
  assert.match(text, /greenlet in front the first time, threads the second/);
});

check('mentions a difference that has gone, which breaks nothing', () => {
  const { holds, text } = checkRanking(
    speeds({ greenlet: 1000, threads: 800 }),
    speeds({ greenlet: 1000, threads: 990 }),
  );
  assert.ok(holds);
  assert.match(text, /greenlet and threads had a difference, and have none now/);
});

check('needs the same engines twice', () => {
  const { holds, text } = checkRanking(speeds({ greenlet: 1000, threads: 800 }), speeds({ greenlet: 1000 }));
  assert.not.ok(holds);
  assert.match(text, /threads was not measured the second time/);
});

check('has nothing to check of one engine', () => {
  const { holds, text } = checkRanking(speeds({ greenlet: 1000 }), speeds({ greenlet: 1000 }));
  assert.not.ok(holds);
  assert.match(text, /^There is no ranking to check/);
});

check.run();

const diff = suite('two comparisons beside each other');

diff('says what has changed beyond chance', () => {
  const text = diffText(
    speeds({ serial: 20, greenlet: 1000, threads: 800 }),
    speeds({ serial: 20, greenlet: 1300, threads: 790 }),
    { color: false },
  );
  assert.match(text, /greenlet.*1,000 -> 1,300.*30 % faster/);
  assert.match(text, /threads.*800 -> 790.*no difference/);
  assert.match(text, /1 of 3 cells changed beyond chance/);
  assert.not.match(text, /Not the same circumstances/);
  assert.not.ok(text.includes('\u001b'));
});

diff('says that nothing has', () => {
  assert.match(diffText(made(), made(), { color: false }), /No difference in any of 6 cells/);
});

diff('names other circumstances first', () => {
  const before = made();
  const after = { ...before, seed: 9, environment: { ...before.environment, cores: 8, node: '26.10.0' } };
  const text = diffText(before, after, { color: false });
  assert.match(text, /Not the same circumstances/);
  assert.match(text, /seed: 7 -> 9/);
  assert.match(text, /Node: 20\.20\.2 -> 26\.10\.0/);
  assert.match(text, /2 cores -> .*8 cores/);
});

diff('names cells that only one of them has, and those that failed', () => {
  const before = speeds({ greenlet: 1000, threads: 800 });
  const after = speeds({ greenlet: 1000, hybrid: 900 });
  const text = diffText(
    before,
    {
      ...after,
      cells: after.cells.map((cell) =>
        cell.setting.id === 'greenlet' ? { ...cell, runs: [], failed: 'x' } : cell,
      ),
    },
    { color: false },
  );
  assert.match(text, /threads.*only in A/);
  assert.match(text, /only in B: hybrid/);
  assert.match(text, /greenlet.*failed in B/);
  assert.match(text, /They have no cell in common\./);
});

diff.run();

const files = suite('a file with a comparison');
const whole = JSON.stringify(made());

function refusal(text: string): string {
  try {
    parseComparison(text, 'old.json');
  } catch (error) {
    assert.instance(error, ComparisonFileError);
    return (error as Error).message;
  }
  return 'accepted';
}

files('is read as it was written', () => {
  assert.equal(parseComparison(whole, 'old.json'), JSON.parse(whole));
});

files('may hold a cell that failed, of which nothing is known', () => {
  const one = made();
  const failed = one.cells.map((cell) => ({
    ...cell,
    runs: [],
    failed: 'no server',
    timeline: null,
    summary: null,
  }));
  assert.is(refusal(JSON.stringify({ ...one, cells: failed })), 'accepted');
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /^old\.json is empty: write a comparison into it with compare --json$/],
  ['what was cut off', whole.slice(0, 5_000), /^old\.json ends too early, after 5,000 characters/],
  ['what is not JSON', 'engine,pages\n', /^old\.json is not JSON: /],
  [
    'other JSON',
    '[1, 2]',
    /^old\.json is not a comparison: expected an object with "format": "switchyard-compare\/1", got \[1,2\]/,
  ],
  [
    'another format',
    '{"format":"switchyard-compare/9"}',
    /^old\.json has the format switchyard-compare\/9, and this version .* reads switchyard-compare\/1/,
  ],
  [
    'a lack of cells',
    '{"format":"switchyard-compare/1"}',
    /^old\.json is not a whole comparison: expected a string as title, got nothing$/,
  ],
  [
    'a figure that is none',
    whole.replace(/"median":[\d.]+/, '"median":"fast"'),
    /expected a number as cells\[0\]\.summary\.\w+\.median, got "fast"/,
  ],
];
for (const [what, text, message] of REFUSED)
  files(`is refused for ${what}`, () => {
    assert.match(refusal(text), message);
  });

files.run();
