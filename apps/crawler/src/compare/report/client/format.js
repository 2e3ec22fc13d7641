/**
 * Three digits, no more than a measurement can carry.
 *
 * @param {number} value
 */
export function number(value) {
  const size = Math.abs(value);
  if (size >= 99.95) return Math.round(value).toLocaleString('en-US');
  if (size === 0) return '0';
  return String(Number(value.toFixed(size >= 10 ? 1 : 2)));
}

/**
 * As {@link number}, with as many digits behind the point as its neighbours in a column.
 *
 * @param {number} value
 */
export function figure(value) {
  const size = Math.abs(value);
  return size >= 99.95 || size === 0 ? number(value) : value.toFixed(size >= 9.995 ? 1 : 2);
}

/** @param {number} value */
export function milliseconds(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${number(value)} ms`;
}

/** @param {number} value */
export function megabytes(value) {
  return `${number(value / 1024 ** 2)} MB`;
}

/** @param {number} value */
export function percentage(value) {
  return `${Math.round(value * 100)} %`;
}

/**
 * Round values from `low` to `high`: 1, 2 or 5 times a power of ten apart.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count about so many
 */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => power * factor >= rough) ?? 10);
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++)
    found.push(index * step);
  return found;
}

/**
 * 1, 2 and 5 times each power of ten; powers alone where there would be many.
 *
 * @param {number} low above 0
 * @param {number} high
 */
export function logTicks(low, high) {
  const factors = high / low > 2_000 ? [1] : [1, 2, 5];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  return found;
}
