/**
 * Plays the scenarios of its standard input in a process that nothing else keeps alive, so that those end which wait for ever, and
 * writes their traces as JSON.
 *
 *   node --import tsx alone.ts < scenarios.json
 */
import { readFileSync } from 'node:fs';
import { play } from './play.ts';
import type { Scenario, Trace } from './scenario.ts';

const traces: Trace[] = [];
for (const scenario of JSON.parse(readFileSync(0, 'utf8')) as Scenario[]) traces.push(await play(scenario));
process.stdout.write(JSON.stringify(traces));
