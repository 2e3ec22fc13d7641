/** Three processes each work on their part of one array; nothing is sent back. */
import { Array, isMain, Process, task } from '@switchyard/multiprocessing';

export const square = task(import.meta, 'square', (numbers: Array<'d'>, from: number, to: number) => {
  // One read and one write, instead of one for each number.
  const part = numbers.slice(from, to);
  numbers.assign(
    part.map((number) => number * number),
    from,
  );
});

if (isMain(import.meta)) {
  const numbers = new Array('d', [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const parts = [0, 3, 6].map((from) => new Process({ target: square, args: [numbers, from, from + 3] }));
  for (const part of parts) part.start();
  for (const part of parts) await part.join();

  console.log(numbers.slice().join(' '));
  numbers[-1] = 0.5;
  console.log(numbers.length, numbers[0], numbers[8]);
}

// Output:
// 0 1 4 9 16 25 36 49 64
// 9 0 0.5
