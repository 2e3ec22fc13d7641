/** Buffers that move to the workers and back instead of being copied, several of them in one task. */
import { isMain, task, ThreadPoolExecutor, transfer } from '@switchyard/futures';

export const invert = task(import.meta, 'invert', (pixels: Uint8Array) => {
  for (let at = 0; at < pixels.length; at++) pixels[at] = 255 - pixels[at]!;
  return transfer(pixels);
});

function* rows(count: number) {
  for (let row = 0; row < count; row++) yield transfer(new Uint8Array(4).fill(row));
}

if (isMain(import.meta)) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
  // Four rows make a task, and no more than four tasks are ahead of what has been printed.
  let sum = 0;
  for await (const row of pool.map(invert, rows(100), { chunksize: 4, buffersize: 4 })) {
    if (sum === 0) console.log('the first row', row.join(' '));
    sum += row[0]!;
  }
  console.log('a pixel of each row, added up', sum);
  console.log('tasks', pool.stats().submitted);
}

// Output:
// the first row 255 255 255 255
// a pixel of each row, added up 20550
// tasks 25
