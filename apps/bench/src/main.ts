/** The bench's command: measures the rows asked for, prints a table for each, writes all figures as JSON. */
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { describeMachine, load, nodeVersions } from '@switchyard/measure';
import { readOptions, USAGE, UsageError, type Options } from './options.ts';
import { ensurePeers, type Presence } from './npm/install.ts';
import { findPython, missingPython, whyNot } from './python.ts';
import { renderList, renderRow, renderVerdicts } from './report.ts';
import { writeResults, type Conditions } from './results.ts';
import { isPython, type Contender, type Row } from './row.ts';
import { ROWS } from './rows/all.ts';
import { runRow, type RowResult } from './run-row.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One line that writes over itself, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
}

const peersOf = (rows: readonly Row[]): string[] => [
  ...new Set(
    rows.flatMap(({ contenders }) =>
      contenders.flatMap((each) => (isPython(each) || each.peer === undefined ? [] : [each.peer])),
    ),
  ),
];

function announce(conditions: Conditions, peers: ReadonlyMap<string, Presence>): void {
  const { machine, versions, runs, scale } = conditions;
  say(`${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memory / 1e9)} GB, ${machine.system}`);
  say(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  say(
    `${conditions.date}, load ${conditions.load.join(' ')}, ${runs} runs of each cell${scale === 1 ? '' : pc.yellow(`, counts scaled by ${scale}: not figures to quote`)}`,
  );
  for (const [name, presence] of peers)
    if ('absent' in presence) say(pc.yellow(`peer ${name}: absent (${presence.absent})`));
}

async function measure(options: Options): Promise<boolean> {
  const { rows, runs, scale } = options;
  const peers = ensurePeers(peersOf(rows), say);
  const wantsPython = rows.some(({ contenders }) => contenders.some(isPython));
  const python = wantsPython ? findPython() : undefined;

  const versions: Record<string, string> = { ...nodeVersions(options.node) };
  for (const [name, presence] of peers) if ('version' in presence) versions[name] = presence.version;
  if (python !== undefined) versions['python'] = python.python;
  if (python?.gevent !== undefined) {
    versions['python greenlet'] = python.gevent.greenlet;
    versions['gevent'] = python.gevent.gevent;
  }
  const conditions: Conditions = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    versions,
    load: load(),
    runs,
    scale,
  };
  announce(conditions, peers);
  for (const line of missingPython(rows, python)) say(pc.yellow(line));
  say('');

  const absence = (contender: Contender): string | undefined => {
    if (isPython(contender)) return whyNot(contender, python);
    const absence = contender.absence?.();
    if (absence !== undefined) return absence;
    const presence = contender.peer === undefined ? undefined : peers.get(contender.peer);
    return presence !== undefined && 'absent' in presence ? presence.absent : undefined;
  };
  const file = options.json ?? fileURLToPath(new URL('../results/latest.json', import.meta.url));
  const results: RowResult[] = [];
  for (const row of rows) {
    const result = await runRow(row, {
      programs: { node: options.node, ...(python !== undefined && { python: python.command }) },
      runs,
      scale,
      absence,
      progress: (_, each, contender, run) =>
        progress(`${row.id} ${each.label} ${contender.id} ${run}/${runs}`),
    });
    progress('');
    results.push(result);
    say(renderRow(result));
    // After each row, so that a run that is broken off leaves what it has measured.
    writeResults(file, conditions, results);
  }
  say(renderVerdicts(results));
  if (scale !== 1) say(pc.yellow(`counts were scaled by ${scale}: none of these verdicts counts`));
  say(`load ${load().join(' ')} at the end`);
  return results.every(({ cells }) => cells.every(({ crash }) => crash === undefined));
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), ROWS);
    if (options.help) return (say(USAGE), 0);
    if (options.list) return (say(renderList(options.rows)), 0);
    return (await measure(options)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    return 2;
  }
}

process.exitCode = await main();
