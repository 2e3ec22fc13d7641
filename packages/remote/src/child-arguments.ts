import type { RuntimeOptions } from './runtime.ts';

/** Options of Node that say what the main program is or how it is watched: not those of a process that runs tasks. */
const OF_THE_PROGRAM =
  /^(?:-[eipc]|-pe|--eval|--print|--interactive|--check|--input-type|--inspect.*|--watch.*|--test.*|--run)(?:=|$)/;
/** Those of them whose value may be the next argument. */
const WITH_VALUE = /^(?:-e|-p|-pe|--eval|--print|--input-type|--watch-path|--test-\S+|--run)$/;

/**
 * The arguments for Node in a child process.
 *
 * @param execArgv what was asked for; by default the arguments of this process, but not its program: a child of
 *   `node -e program` must not run the program again
 * @internal
 */
export function childArguments(
  execArgv: readonly string[] | undefined,
  limits: RuntimeOptions['resourceLimits'],
): string[] {
  const options = execArgv === undefined ? inherited(process.execArgv) : [...execArgv];
  const { maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb } = limits ?? {};
  if (maxOldGenerationSizeMb !== undefined) options.push(`--max-old-space-size=${maxOldGenerationSizeMb}`);
  // The young generation is three semi-spaces.
  if (maxYoungGenerationSizeMb !== undefined) {
    options.push(`--max-semi-space-size=${Math.max(1, Math.floor(maxYoungGenerationSizeMb / 3))}`);
  }
  if (stackSizeMb !== undefined) options.push(`--stack-size=${Math.floor(stackSizeMb * 1024)}`);
  return options;
}

function inherited(given: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const option = given[at] as string;
    if (!OF_THE_PROGRAM.test(option)) kept.push(option);
    else if (WITH_VALUE.test(option)) at++;
  }
  return kept;
}
