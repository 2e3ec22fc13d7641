import { Command, InvalidArgumentError } from 'commander';
import { duration, size, wholeNumber } from './units.ts';

/** More in flight means as many threads, and processes, at once. */
const MOST_IN_FLIGHT = 128;

/** What commander makes of the options of `compare`. */
export interface RawCompareOptions {
  readonly demo: boolean;
  readonly tasks?: string;
  readonly engines?: readonly string[];
  readonly latency?: readonly number[];
  readonly work?: readonly string[];
  readonly runs: number;
  readonly inFlight?: number;
  readonly pages?: number;
  readonly pageSize: number;
  readonly full: boolean;
  readonly check: boolean;
  readonly seed: number;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly json?: string;
  readonly html?: string;
}

/** What `compare diff` gets. */
export interface RawDiffOptions {
  readonly color: boolean;
}

/** Declares `switchyard compare` and its options, which are checked one by one, and `switchyard compare diff`. */
export function compareCommand(
  action: (urls: string[], options: RawCompareOptions) => Promise<void>,
  diff: (files: readonly [string, string], options: RawDiffOptions) => Promise<void>,
): Command {
  const command = new Command('compare')
    .description(
      'Run the same crawl under every engine, and say with evidence which is best for what; with no URLs, on a demo site, in about a minute',
    )
    .argument('[urls...]', 'sites of others to compare on, politely')
    .option('--demo', 'the demo site: what is compared on when no URLs are given', false)
    .option('--tasks <module>', 'the workloads that a module of yours exports, instead of crawls')
    .option('--full', 'every latency and every work, some twenty minutes', false);

  command.optionsGroup('What is compared:');
  command
    .option('--engines <names>', 'such as serial,greenlet,hybrid (default: all)', list)
    .option('--latency <times>', 'of an answer of the demo site, such as 0,10,50', (text) =>
      each(text, duration),
    )
    .option(
      '--work <works>',
      'what a page costs: links, dom, CPU time such as 4ms, the path of a module; several with commas',
      list,
    )
    .option(
      '--in-flight <n>',
      'requests at once, of all engines but serial (default: 16; two a core in the quick comparison)',
      wholeNumber(2, MOST_IN_FLIGHT),
    )
    .option(
      '--pages <n>',
      'of a run (default: what serial does in a moment; 10 of sites of others)',
      wholeNumber(1),
    )
    .option('--page-size <size>', 'least size of a page of the demo site', size, 8192)
    .option('--runs <n>', 'measured runs of each engine; below 5 the intervals say little', wholeNumber(1), 5)
    .option('--seed <n>', 'of the demo site and of the order of the runs', wholeNumber(0), 1)
    .option('--check', 'do it twice, and say whether the ranking holds', false)
    .option('--yes', 'do not ask, however many requests it makes', false);

  command.optionsGroup('Output:');
  command
    .option('--json <file>', 'write all that was found to a file')
    .option('--html <file>', 'write the report as a page')
    .option('--quiet', 'no progress and no report', false)
    .option('--no-color', 'no colours');

  command.action(async (urls: string[], options: RawCompareOptions) => action(urls, options));
  command.addCommand(
    new Command('diff')
      .description('Say what differs between two comparisons that --json wrote')
      .argument('<a>', 'a file, the earlier one')
      .argument('<b>', 'a file, the later one')
      .option('--no-color', 'no colours')
      .action(async (a: string, b: string, options: RawDiffOptions) => diff([a, b], options)),
  );
  return command;
}

function list(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === ''))
    throw new InvalidArgumentError('Expected names with commas between them, and nothing empty.');
  return [...new Set(parts)];
}

function each<T>(text: string, parse: (part: string) => T): T[] {
  return [...new Set(list(text).map(parse))];
}
