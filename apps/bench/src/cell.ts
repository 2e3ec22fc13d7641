/**
 * The process of one Node cell: loads one contender, warms it up, measures it, prints a JSON line for each round.
 * Started by `start-cell.ts` with a plan as its only argument.
 */
import { METHODS } from './measure.ts';
import type { Plan } from './plan.ts';
import { childrenEnded } from '@switchyard/measure';
import { isPython, type Work } from './row.ts';
import { ROWS } from './rows/all.ts';

async function measure(plan: Plan): Promise<void> {
  const row = ROWS.find(({ id }) => id === plan.row);
  const contender = row?.contenders.find(({ id }) => id === plan.contender);
  if (row === undefined || contender === undefined || isPython(contender)) {
    throw new Error(`Expected the plan to name a Node contender of a row, got ${plan.row}/${plan.contender}`);
  }
  const loaded = await contender.load(plan.value);
  const work: Work = typeof loaded === 'function' ? { run: loaded } : loaded;
  const round = METHODS[row.method];
  for (let i = 0; i < plan.warmups; i++) await round(work, plan.warmN);
  for (let i = 0; i < plan.rounds; i++) {
    process.stdout.write(`${JSON.stringify({ sample: await round(work, plan.n) })}\n`);
  }
  await work.close?.();
  if (row.method === 'tree') await childrenEnded();
}

await measure(JSON.parse(process.argv[2] ?? '{}') as Plan);
// Kept-alive sockets and greenlets that nobody ends would keep the process.
process.stdout.write('', () => process.exit(0));
