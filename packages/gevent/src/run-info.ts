import { hub } from '@switchyard/hub/core';

/**
 * What goes on, as a text for people: how many greenlets live, run and wait, and all of them as a tree, each below the one
 * that spawned it, with its name, its state, what it waits for and, when spawn sites are tracked (`SWITCHYARD_TRACK=1`, or
 * `getHub().trackSpawnSites`), its age and where it was spawned. Many alike are folded into a count.
 *
 * Python: `gevent.util.format_run_info`.
 */
export function formatRunInfo(): string {
  const { alive, switches, timers, outsiders } = hub;
  const counts = [
    count(alive, 'greenlet'),
    count(outsiders.size, 'await'),
    count(timers.size, 'timer'),
    count(switches, 'switch', 'switches'),
  ];
  return `${counts.join(', ')}\n${hub.formatRunInfo()}`;
}

/**
 * Writes `formatRunInfo()` to a stream, stderr when left out.
 *
 * Python: `gevent.util.print_run_info`.
 */
export function printRunInfo(stream: { write(text: string): unknown } = process.stderr): void {
  stream.write(formatRunInfo());
}

function count(many: number, one: string, more = `${one}s`): string {
  return `${many} ${many === 1 ? one : more}`;
}
