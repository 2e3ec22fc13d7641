/** Runs random scenarios, and says which one it is that fails. */
import * as fc from 'fast-check';
import { scenarios } from './generate.ts';
import type { Scenario } from './scenario.ts';

/** The environment variable SEED: the scenarios of another seed are others. */
export const SEED = Number(process.env['SEED'] ?? 1);

/** How long one scenario may take in real milliseconds, which is some thousand times what it takes. */
const STUCK = 20_000;

/** A scenario in lines: a greenlet each. */
export function written({ greenlets, objects }: Scenario): string {
  const told = Object.entries(greenlets).map(([name, steps]) => `  ${name}: ${JSON.stringify(steps)}\n`);
  return `${told.join('')}  with ${JSON.stringify(objects)}`;
}

/**
 * Has `check` look at so many random scenarios.
 *
 * @throws Error with the seed, the smallest scenario that fails, and what `check` throws at it
 */
export async function checkRandom(
  count: number,
  check: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  let stuck = false;
  const property = fc.asyncProperty(scenarios(), async (scenario) => {
    // The clock of the one that is stuck is still running, so that no other can be tried.
    if (stuck) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        stuck = true;
        reject(new Error(`it does not end within ${STUCK} ms`));
      }, STUCK);
    });
    try {
      await Promise.race([check(scenario), tooLong]);
    } finally {
      clearTimeout(timer);
    }
  });
  const report = await fc.check(property, { seed: SEED, numRuns: count });
  if (!report.failed) return;
  const [scenario] = report.counterexample as [Scenario];
  const { message } = report.errorInstance as Error;
  throw new Error(
    `scenario ${report.numRuns} of SEED=${report.seed}, shrunk to\n${written(scenario)}\n${message}`,
    { cause: report.errorInstance },
  );
}
