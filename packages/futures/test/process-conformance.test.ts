/** Processes are held to the contract of executors that threads and greenlets are held to. */
import {
  type Case,
  type CaseBody,
  type Contract,
  type ExecutorAdapter,
  futureCases,
  greenlets,
  hold,
} from '@switchyard/conformance';
import { asCompleted } from '../src/as-completed.ts';
import type { Future } from '../src/future.ts';
import { ProcessPoolExecutor } from '../src/process-pool.ts';
import { wait } from '../src/wait.ts';
import { newTally, processTasks } from './process-conformance-worker.ts';

const adapter: ExecutorAdapter = {
  ...greenlets,
  wait: (futures, options) => wait(futures as Iterable<Future>, options) as never,
  asCompleted: (futures, options) => asCompleted(futures as Iterable<Future>, options) as never,
  name: 'ProcessPoolExecutor',
  make: (making) => new ProcessPoolExecutor(making) as never,
  task: (name) => processTasks[name],
  tally: newTally,
  deadline: 60_000,
};

/** A process may take longer to start than this case gives its tasks. */
const hasty = 'map within a time: a TimeoutError in the place of the first that is not there';

const { body } = futureCases[hasty] as Case<ExecutorAdapter>;
const started: CaseBody<ExecutorAdapter> = function* (given, scene) {
  const executor = given.make({ maxWorkers: 3 });
  yield* executor.submit(given.task('double'), 1);
  yield* body({ ...given, make: () => executor }, scene);
};
const contract: Contract<ExecutorAdapter> = { ...futureCases, [hasty]: started };

hold(contract, adapter);
