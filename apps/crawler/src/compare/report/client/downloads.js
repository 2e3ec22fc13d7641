import { byId } from './dom.js';
import { comparison } from './state.js';

/** @param {string | number | null | boolean} value */
function field(value) {
  const text = value === null ? '' : String(value);
  // A spreadsheet would take such a text for a formula.
  const plain = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** A line for each run. */
function csv() {
  const heads = [
    [
      'latency_ms',
      'work',
      'engine',
      'setting',
      'terms',
      'in_flight',
      'workers',
      'order',
      'dirty',
      'pages',
      'requests',
    ],
    [
      'wall_ms',
      'pages_per_second',
      'startup_ms',
      'cpu_user_ms',
      'cpu_system_ms',
      'memory_bytes',
      'memory_kind',
    ],
    [
      'p50_ms',
      'p90_ms',
      'p99_ms',
      'max_ms',
      'due_p50_ms',
      'due_p90_ms',
      'due_p99_ms',
      'due_max_ms',
      'lag_p99_ms',
    ],
    ['server_peak', 'foreign_cores', 'digest'],
  ].flat();
  const lines = comparison.cells.flatMap(({ point, setting, runs }) =>
    runs.map((run) =>
      [
        [
          point.latency,
          point.work,
          setting.engine,
          setting.id,
          setting.terms,
          setting.inFlight,
          setting.workers,
        ],
        [run.order, run.dirty, run.pages, run.requests, run.wall, run.pages / (run.wall / 1000), run.startup],
        [run.cpu.user, run.cpu.system, run.memory.bytes, run.memory.kind],
        [run.latency.p50, run.latency.p90, run.latency.p99, run.latency.max],
        [run.fromDue.p50, run.fromDue.p90, run.fromDue.p99, run.fromDue.max, run.loopLag?.p99 ?? null],
        [run.serverPeak, run.foreign, run.digest],
      ].flat(),
    ),
  );
  return [heads, ...lines].map((line) => line.map(field).join(',')).join('\r\n') + '\r\n';
}

/**
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function offerDownloads() {
  const name = `comparison-${comparison.started.slice(0, 10)}`;
  byId('download-json').onclick = () =>
    save(`${name}.json`, 'application/json', `${JSON.stringify(comparison, null, 2)}\n`);
  byId('download-csv').onclick = () => save(`${name}.csv`, 'text/csv', csv());
}
