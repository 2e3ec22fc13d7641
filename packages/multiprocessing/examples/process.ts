/** A process of its own: its value, its exit code, and what is left when it is ended. */
import { currentProcess, isMain, Process, task } from '@switchyard/multiprocessing';

interface Style {
  greeting?: string;
}

export const greet = task(import.meta, 'greet', (name: string, { greeting = 'Hello' }: Style = {}) => {
  console.log(`${greeting}, ${name}, says ${currentProcess().name}`);
  return name.length;
});

export const sleepLong = task(import.meta, 'sleepLong', () => new Promise(() => {}));

if (isMain(import.meta)) {
  const child = new Process({ target: greet, args: ['Ada'], kwargs: { greeting: 'Good morning' } });
  child.start();
  await child.join();
  console.log(`exit code ${child.exitcode}, value ${await child}`);

  const sleeper = new Process({ target: sleepLong, name: 'sleeper' });
  sleeper.start();
  console.log(`ended in time: ${await sleeper.join({ timeout: 50 })}`);
  sleeper.terminate();
  await sleeper.join();
  console.log(`exit code ${sleeper.exitcode}`);
}

// Output:
// Good morning, Ada, says Process-1
// exit code 0, value 3
// ended in time: false
// exit code -15
