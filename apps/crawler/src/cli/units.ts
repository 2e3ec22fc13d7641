import { InvalidArgumentError } from 'commander';

const MILLISECONDS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** Milliseconds for `250ms`, `10s`, `2m`, `1h` or a plain number of milliseconds. */
export function duration(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = MILLISECONDS[unit.toLowerCase()];
  if (number === undefined || factor === undefined) {
    throw new InvalidArgumentError('Expected a time such as 250ms, 10s, 2m or a number of milliseconds.');
  }
  return Math.round(Number(number) * factor);
}

/** As {@link duration}, but not 0. */
export function timeLimit(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds === 0) throw new InvalidArgumentError('Expected a time above 0, such as 250ms or 10s.');
  return milliseconds;
}

/** Bytes for `512`, `64KB`, `10MB`, `1GB`; a KB has 1,024 bytes. */
export function size(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = BYTES[unit.toLowerCase()];
  const bytes = Math.round(Number(number) * (factor ?? NaN));
  if (!(bytes > 0)) throw new InvalidArgumentError('Expected a size above 0, such as 512, 64KB or 10MB.');
  return bytes;
}

/** A whole number from `least` up, to `most` if there is a limit. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (!(number >= least && number <= most) || !Number.isSafeInteger(number)) {
      throw new InvalidArgumentError(
        `Expected a whole number from ${least} ${most === Infinity ? 'up' : `to ${most}`}.`,
      );
    }
    return number;
  };
}

/** Starts per second for `20` or `20/s`, per minute for `90/m`. */
export function rate(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|m))?$/.exec(text.trim()) ?? [];
  const perSecond = Number(number) / (unit === 'm' ? 60 : 1);
  if (!(perSecond > 0)) throw new InvalidArgumentError('Expected a rate above 0, such as 20/s or 90/m.');
  return perSecond;
}

/** `1,234`. */
export function showCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `35 ms`, `2.31 s`, `4 min 10 s`. */
export function showTime(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `812 B`, `3.4 MB`. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const index = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** index;
  return `${index === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[index] ?? 'B'}`;
}
