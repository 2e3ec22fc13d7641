/**
 * The house: which package may import which. A package imports only from floors below its own.
 * This is the table of the architecture, with the packages that are still to come.
 */

export interface Room {
  /** 1 is the ground; null is a tool that stands beside the house. */
  floor: number | null;
  /** Packages of the house and packages of others; what these import in turn is allowed too, within the house. */
  imports: readonly string[];
  /** Apps use whatever they need from outside; libraries only what is listed. */
  anyExternal?: boolean;
}

const lower = ['greenlet', 'hub', 'select', 'remote', 'gevent'];
const libraries = [...lower, 'threading', 'multiprocessing', 'futures', 'socketserver', 'measure'];

export const house: Readonly<Record<string, Room>> = {
  greenlet: { floor: 1, imports: [] },
  hub: { floor: 2, imports: ['greenlet'] },
  select: { floor: 3, imports: ['hub'] },
  remote: { floor: 3, imports: ['hub'] },
  gevent: { floor: 4, imports: ['hub', 'select', 'undici'] },
  threading: { floor: 4, imports: ['hub', 'remote'] },
  multiprocessing: { floor: 4, imports: ['hub', 'remote'] },
  futures: { floor: 5, imports: ['gevent', 'threading', 'multiprocessing', 'remote'] },
  socketserver: { floor: 5, imports: ['select', 'gevent', 'threading', 'multiprocessing'] },
  crawler: { floor: 6, imports: libraries, anyExternal: true },
  bench: { floor: 6, imports: libraries, anyExternal: true },
  measure: { floor: 1, imports: [] },
  conformance: { floor: null, imports: ['hub', 'testing', 'uvu'] },
  testing: { floor: null, imports: ['uvu'] },
};

/** Tools that tests, examples and benchmarks of every package may import. */
export const tools: readonly string[] = ['testing', 'conformance', 'uvu', 'tsx'];

export const scope = '@switchyard/';

/** Why `from` may not import `to` (both without the scope), or null when it may. */
export function objection(from: string, to: string): string | null {
  const room = house[from];
  if (room === undefined)
    return `${scope}${from} has no floor: add it to the table in packages/testing/src/floors.ts`;
  if (reachable(from).has(to)) return null;
  const other = house[to];
  if (other === undefined) {
    return room.anyExternal === true
      ? null
      : `${scope}${from} may not depend on ${to}: the table lists no such import`;
  }
  const where = `${scope}${from} (floor ${room.floor ?? 'beside'}) may not import ${scope}${to}`;
  return `${where} (floor ${other.floor ?? 'beside'}): allowed are ${[...reachable(from)].join(', ') || 'none'}`;
}

function reachable(from: string, seen: Set<string> = new Set()): Set<string> {
  for (const name of house[from]?.imports ?? []) {
    if (seen.has(name)) continue;
    seen.add(name);
    reachable(name, seen);
  }
  return seen;
}
