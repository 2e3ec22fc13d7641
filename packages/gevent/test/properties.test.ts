/**
 * What has to be so whatever greenlets do, in random programs of all that there is. A failure says its seed, and what the
 * program was shrunk to; `SEED=123` runs those programs.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { soak, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { withVirtualTime } from '@switchyard/hub';
import { play } from './differential/play.ts';
import { checkRandom, SEED } from './differential/random.ts';
import { CheckedPlayer } from './properties/checked.ts';

const test = suite('random programs, by their properties');

const PROGRAMS = soak(400);

test(
  `nobody is forgotten, nothing is lost, all in order and in time: ${PROGRAMS} programs`,
  { timeout: soak(60_000) },
  async () => {
    let looks = 0;
    let looked = 0;
    await checkRandom(PROGRAMS, async (scenario) => {
      const player = new CheckedPlayer(scenario);
      await withVirtualTime(() => player.run());
      looks += player.looks;
      looked += player.looked;
    });
    assert.ok(looks > 10 * PROGRAMS && looked > 10 * PROGRAMS, `looked ${looks} times at ${looked} waits`);
  },
);

const AGAIN = soak(50);

test(`the same program does the same again: ${AGAIN} programs`, { timeout: soak(30_000) }, async () => {
  await checkRandom(AGAIN, async (scenario) => {
    assert.equal(await play(scenario), await play(scenario));
  });
});

const FOR_EVER = soak(60);

test(
  `a LoopExit when nothing can wake anybody, and not before: ${FOR_EVER} programs`,
  { timeout: soak(60_000) },
  async () => {
    // In a process whose event loop can run empty, as that of a test never does.
    const script = fileURLToPath(new URL('./properties/loop-exits.ts', import.meta.url));
    const exits = await new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        [...process.execArgv, script, String(SEED), String(FOR_EVER)],
        { timeout: soak(60_000) },
        (error, stdout, stderr) =>
          error === null ? resolve(stdout) : reject(new Error(stderr || error.message)),
      );
    });
    assert.ok(Number(exits) >= FOR_EVER, `${exits} LoopExits`);
  },
);

test.run();
