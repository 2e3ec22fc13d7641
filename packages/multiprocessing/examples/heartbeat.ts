/** A daemon beats as long as the program lives, and ends with it, whatever it does. */
import { sleep } from '@switchyard/hub';
import { isMain, Process, Queue, task } from '@switchyard/multiprocessing';

export const beat = task(import.meta, 'beat', function* (beats: Queue<number>) {
  for (let n = 1; ; n++) {
    yield* beats.put(n);
    yield* sleep(5);
  }
});

if (isMain(import.meta)) {
  const beats = new Queue<number>();
  const heart = new Process({ target: beat, args: [beats], name: 'heart', daemon: true });
  heart.start();
  for (let n = 0; n < 3; n++) console.log(`beat ${await beats.get()}`);
  console.log(`${heart.name} is alive: ${heart.isAlive()}`);
}

// Output:
// beat 1
// beat 2
// beat 3
// heart is alive: true
