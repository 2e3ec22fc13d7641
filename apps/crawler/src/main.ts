#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { compareCommand } from './cli/compare-command.ts';
import { compareSettings } from './cli/compare-settings.ts';
import { runCompare, runDiff } from './cli/compare.ts';
import { runCompareTasks } from './cli/compare-tasks.ts';
import { runCrawl } from './cli/crawl.ts';
import { crawlCommand } from './cli/crawl-command.ts';
import { crawlSettings } from './cli/crawl-settings.ts';
import { serveCommand } from './cli/serve.ts';
import { EXIT, UsageError } from './cli/usage-error.ts';
import { workloadFor } from './cli/workload-for.ts';
import { NothingToCompareError } from './compare/url-arena.ts';
import { DemoError } from './demo/demo.ts';
import { VERSION } from './version.ts';

const program = new Command('switchyard')
  .description('Crawls URLs under every concurrency model')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(switchyard --help lists the options)');

program.addCommand(
  crawlCommand(async (urls, raw) => {
    const settings = crawlSettings(urls, raw); // what is wrong with the rest need not wait for a module
    const work = await workloadFor(raw.work);
    process.exitCode = await runCrawl({ ...settings, fetch: { ...settings.fetch, work } });
  }),
);
program.addCommand(
  compareCommand(
    async (urls, raw) => {
      process.exitCode =
        raw.tasks === undefined
          ? await runCompare(await compareSettings(urls, raw))
          : await runCompareTasks(raw.tasks, urls, raw);
    },
    async (files, raw) => {
      process.exitCode = await runDiff(files, raw);
    },
  ),
);
program.addCommand(serveCommand());
for (const command of program.commands) {
  command.copyInheritedSettings(program);
  for (const below of command.commands) below.copyInheritedSettings(program);
}

// Whoever reads the summary or the progress may go away; that is no reason to lose the records.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = EXIT.error;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version end here too, with 0; everything else commander throws is the command line's fault.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (error instanceof UsageError) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = EXIT.usage;
  } else {
    const known = error instanceof DemoError || error instanceof NothingToCompareError;
    process.stderr.write(
      `error: ${known || !(error instanceof Error) ? String(error) : (error.stack ?? error.message)}\n`,
    );
    process.exitCode = EXIT.error;
  }
}
