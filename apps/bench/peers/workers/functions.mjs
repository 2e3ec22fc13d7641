// What the workers of the peers run; the same as ours in src/rows/thread-tasks.ts.
export const increment = (value) => value + 1;

export const incrementAll = (values) => values.map(increment);

export const weigh = (buffer) => {
  const bytes = new Uint8Array(buffer);
  return bytes.length + bytes[bytes.length - 1];
};
