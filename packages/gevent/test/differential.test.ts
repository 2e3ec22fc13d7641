/**
 * The same scenarios in Python's gevent and here: what happened, when and in which order, has to be the same. Some are
 * written by hand; those of them that are meant to differ say what they are to be here, with the reason. The others are
 * random ones. A seed of theirs, and what they are shrunk to, is in the message of a failure; `SEED=123` plays that one.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { skip, soak, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { scenarios } from './differential/generate.ts';
import { play } from './differential/play.ts';
import { findPython, PythonPlayer } from './differential/python.ts';
import { checkRandom, SEED, written as inLines } from './differential/random.ts';
import type { Scenario, Trace } from './differential/scenario.ts';

interface Written extends Scenario {
  /** What happens here, where it is meant to differ, and why. */
  here?: string[];
  why?: string;
}

const file = fileURLToPath(new URL('./differential/scenarios.json', import.meta.url));
const written = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Written>;

const test = suite('as in Python');
let python: PythonPlayer | null = null;
let missing = '';

test.before(async () => {
  const found = await findPython();
  if ('path' in found) python = new PythonPlayer(found.path);
  else missing = found.missing;
});

test.after(() => python?.[Symbol.dispose]());

function playThere(scenario: Scenario): Promise<Trace> {
  return needsPython().play(scenario);
}

function needsPython(): PythonPlayer {
  return python ?? skip(missing);
}

const lines = (trace: Trace): string[] => trace.map(([ms, what]) => `${ms} ms: ${what}`);

for (const [name, scenario] of Object.entries(written)) {
  test(name, async () => {
    const here = await play(scenario);
    const { here: expected, why } = scenario;
    if (expected === undefined) assert.equal(lines(here), lines(await playThere(scenario)));
    else {
      assert.equal(
        here.map(([, what]) => what),
        expected,
        why,
      );
      assert.not.equal(lines(here), lines(await playThere(scenario)), 'it does not differ any more');
    }
  });
}

const SCENARIOS = soak(300);
const FOR_EVER = soak(60);

test(`${SCENARIOS} random scenarios`, { timeout: soak(60_000) }, async () => {
  needsPython();
  await checkRandom(SCENARIOS, async (scenario) => {
    const [here, there] = await Promise.all([play(scenario), playThere(scenario)]);
    same(here, there);
  });
});

test(`${FOR_EVER} random scenarios whose main waits for ever`, { timeout: soak(60_000) }, async () => {
  needsPython();
  const all = fc.sample(scenarios({ waitsForEver: true }), { seed: SEED, numRuns: FOR_EVER });
  const playing = Promise.all(all.map((scenario) => playThere(scenario)));
  const [here, there] = await Promise.all([playAlone(all), playing]);
  assert.is(here.length, FOR_EVER);
  all.forEach((scenario, n) => {
    assert.ok(
      here[n]!.some(([, what]) => what.includes('LoopExit')),
      `no LoopExit in\n${inLines(scenario)}`,
    );
    same(here[n]!, there[n]!, `scenario ${n} of SEED=${SEED} has different ends:\n${inLines(scenario)}\n`);
  });
});

/** Actual is what happens here, expected is what happens in Python. */
function same(here: Trace, there: Trace, what = ''): void {
  try {
    assert.equal(lines(here), lines(there));
  } catch (error) {
    const { details = '' } = error as { details?: string };
    throw new Error(`${what}${details.replaceAll('·', ' ')}`, { cause: error });
  }
}

/** In a process whose event loop can run empty, as that of a test never does. */
function playAlone(all: Scenario[]): Promise<Trace[]> {
  const script = fileURLToPath(new URL('./differential/alone.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...process.execArgv, script],
      { timeout: soak(60_000), maxBuffer: 2 ** 30 },
      (error, stdout) => (error === null ? resolve(JSON.parse(stdout) as Trace[]) : reject(error)),
    );
    child.stdin?.end(JSON.stringify(all));
  });
}

test.run();
