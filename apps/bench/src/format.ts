import type { Unit } from './row.ts';

const THOUSANDS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Three digits that count: 4.56, 45.6, 456, 4,560. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return THOUSANDS.format(value);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** From which size on a figure is shown in which unit, and how much that unit is. */
type Step = readonly [least: number, size: number, name: string];

const STEPS: Readonly<Record<Unit, readonly Step[]>> = {
  time: [
    [1e9, 1e9, 's'],
    [1e6, 1e6, 'ms'],
    [1e3, 1e3, 'us'],
    [0, 1, 'ns'],
  ],
  bytes: [
    [1e9, 1e9, 'GB'],
    [1e6, 1e6, 'MB'],
    // What a task costs is compared in bytes: 7,960 B beside 583 B.
    [1e5, 1e3, 'KB'],
    [0, 1, 'B'],
  ],
};

/** A figure with its unit: nanoseconds as time, bytes in powers of ten (a mark of 1 GB is 1,000,000,000 bytes). */
export function withUnit(value: number, unit: Unit): string {
  const [, size, name] = STEPS[unit].find(([least]) => Math.abs(value) >= least) as Step;
  // There is no half of a byte, and no need for hundredths of one.
  return `${name === 'B' ? THOUSANDS.format(value) : digits(value / size)} ${name}`;
}

export const times = (value: number): string => `${digits(value)}x`;
