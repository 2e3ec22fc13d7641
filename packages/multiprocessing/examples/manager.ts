/** Processes share a dict and a list that live in a process of their own: the manager. */
import {
  type DictProxy,
  isMain,
  type ListProxy,
  Manager,
  Process,
  type SyncManager,
  task,
} from '@switchyard/multiprocessing';

type Counts = DictProxy<string, number>;

export const count = task(
  import.meta,
  'count',
  async (manager: SyncManager, text: string, counts: Counts, texts: ListProxy<ListProxy<string>>) => {
    const words = text.split(' ');
    // Each is done with nobody in between: no lock is needed.
    for (const word of words) await counts.add(word, 1);
    // A list in a list is that very one, and stays when this process has ended.
    await texts.append(manager.list(words));
  },
);

if (isMain(import.meta)) {
  await using manager = Manager();
  const counts: Counts = manager.dict();
  const texts = manager.list<ListProxy<string>>();

  const lines = ['to be or not to be', 'not to worry'];
  const processes = lines.map((line) => new Process({ target: count, args: [manager, line, counts, texts] }));
  for (const process of processes) process.start();
  for (const process of processes) await process.join();

  const items = await counts.items();
  for (const [word, times] of items.toSorted(([a], [b]) => (a < b ? -1 : 1))) console.log(word, times);

  const lengths: number[] = [];
  for await (const words of texts) {
    await words.sort();
    lengths.push(await words.length());
  }
  console.log(`texts of ${lengths.toSorted((a, b) => a - b).join(' and ')} words`);
}

// Output:
// be 2
// not 2
// or 1
// to 3
// worry 1
// texts of 3 and 6 words
