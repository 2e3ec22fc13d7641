/** A thread of a target, and one of a subclass: its fields travel there, and come back. */
import { currentThread, isMain, register, task, Thread } from '@switchyard/threading';

export const shout = task(import.meta, 'shout', (text: string) => text.toUpperCase());

export class Shouter extends Thread<number> {
  text: string;

  constructor(text: string) {
    super({ name: 'Shouter' });
    this.text = text;
  }

  override run() {
    this.text = `${this.text.toUpperCase()} (${currentThread().name})`;
    return this.text.length;
  }
}
register(import.meta, Shouter);

if (isMain(import.meta)) {
  const thread = new Thread({ target: shout, args: ['hello'] });
  thread.start();
  console.log(await thread);

  const shouter = new Shouter('hello');
  shouter.start();
  await shouter.join();
  console.log(shouter.text);
  // A thread that has ended can still be asked.
  console.log(await shouter);
}

// Output:
// HELLO
// HELLO (Shouter)
// 15
