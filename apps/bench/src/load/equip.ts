import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Equipment } from '../row.ts';

const COMPILERS = ['cc', 'gcc', 'clang'];
const SERVER_CORE = '0';
const LOAD_CORE = '1';

/** Where the cells find what has been made for them. */
export const LOAD = 'BENCH_LOAD';
export const ECHO_SERVER = 'BENCH_ECHO_SERVER';
export const CORE = 'BENCH_CORE';

const source = (name: string): string => fileURLToPath(new URL(`../../c/${name}.c`, import.meta.url));

function compile(compiler: string, name: string, folder: string): string | undefined {
  const program = join(folder, name);
  const { status } = spawnSync(compiler, ['-O2', '-o', program, source(name)], { timeout: 60_000 });
  return status === 0 ? program : undefined;
}

/** Servers and load compete for nothing when each has a core of its own. */
function canPin(): boolean {
  const runsOn = (core: string): boolean => spawnSync('taskset', ['-c', core, 'true']).status === 0;
  return availableParallelism() > 1 && runsOn(SERVER_CORE) && runsOn(LOAD_CORE);
}

let made: Equipment | undefined;

/**
 * What drives the servers of the rows of select, once for all of those rows: the load in C where there is a compiler that
 * knows epoll, otherwise the one in Node, which does the same at a higher price.
 */
export function equip(): Equipment {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const compiler = COMPILERS.find((each) => compile(each, 'load', folder) !== undefined);
  const server = compiler === undefined ? undefined : compile(compiler, 'echo-server', folder);
  const load =
    compiler === undefined
      ? [process.execPath, fileURLToPath(new URL(`load${extname(import.meta.url)}`, import.meta.url))]
      : [join(folder, 'load')];
  const pinned = canPin();
  const where = pinned
    ? `server on core ${SERVER_CORE}, load on core ${LOAD_CORE}`
    : 'server and load on whichever core is free';
  return (made = {
    note: `the load is ${compiler === undefined ? 'a Node program: no C compiler here that knows epoll' : `a C program, made by ${compiler}`}; ${where}`,
    environment: {
      [LOAD]: JSON.stringify([...(pinned ? ['taskset', '-c', LOAD_CORE] : []), ...load]),
      ...(pinned && { [CORE]: SERVER_CORE }),
      ...(server !== undefined && { [ECHO_SERVER]: server }),
    },
  });
}

/** Why there is no server in C; undefined when there is one. */
export function noServerInC(): string | undefined {
  return ECHO_SERVER in equip().environment ? undefined : 'no C compiler here that knows epoll';
}
