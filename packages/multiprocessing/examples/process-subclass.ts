/** A process as a class: its fields travel there, and stay there. */
import { isMain, Process, register } from '@switchyard/multiprocessing';

class Counting extends Process<number> {
  readonly words: string[];
  count = 0;

  constructor(words: string[], name: string) {
    super({ name });
    this.words = words;
  }

  override run() {
    for (const word of this.words) this.count += word.length;
    return this.count;
  }
}
register(import.meta, Counting);

if (isMain(import.meta)) {
  const processes = [new Counting(['to', 'be'], 'first'), new Counting(['or', 'not'], 'second')];
  for (const process of processes) process.start();
  for (const process of processes) console.log(`${process.name}: ${await process}`);
  console.log(`here it is still ${processes[0]?.count}`);
}

// Output:
// first: 4
// second: 5
// here it is still 0
