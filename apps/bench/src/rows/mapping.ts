/** How the rows of maps use a pool, whoever made it. */
import { type PeerPool, WORKERS } from '../npm/peer-pool.ts';
import type { Case, NodeContender, Work } from '../row.ts';

const ONE_BY_ONE = 1;
/** The case in which the chunks are as large as Python's `Pool.map` makes them: four for each worker. */
const EIGHT_CHUNKS = 0;

export const chunksizeOf = (value: number, n: number): number =>
  value === EIGHT_CHUNKS ? Math.ceil(n / (4 * WORKERS)) : value;

/** Maps all items of a round. They are made before, and the results are looked at after it. */
export function mapping(map: (items: number[]) => PromiseLike<unknown>, close: () => unknown): Work {
  let items: number[] = [];
  let results: number[] = [];
  return {
    arrange(n) {
      items = Array.from({ length: n }, (_, i) => i);
    },
    async run() {
      results = (await map(items)) as number[];
    },
    release() {
      const wrong = items.findIndex((item, i) => results[i] !== item + 1);
      if (wrong >= 0 || results.length !== items.length)
        throw new Error(
          `Expected ${items.length} results, each its item and 1, got ${results.length}, at ${wrong} ${results[wrong]}`,
        );
      results = [];
    },
    close,
  };
}

/** What one writes who wants chunks of a pool that has none. */
async function inChunks(pool: PeerPool, items: readonly number[], size: number): Promise<unknown[]> {
  const answers: PromiseLike<unknown>[] = [];
  for (let i = 0; i < items.length; i += size)
    answers.push(pool.call('incrementAll', items.slice(i, i + size)));
  return (await Promise.all(answers)).flat();
}

/** A contender that is a peer's pool. */
export function mapPeer(
  name: string,
  label: string,
  open: () => Promise<PeerPool>,
  id = name,
): NodeContender {
  return {
    id,
    label,
    peer: name,
    async load(value) {
      const pool = await open();
      const one = (items: readonly number[]): PromiseLike<unknown> =>
        pool.map?.('increment', items) ?? Promise.all(items.map((item) => pool.call('increment', item)));
      return mapping(
        value === ONE_BY_ONE ? one : (items) => inChunks(pool, items, chunksizeOf(value, items.length)),
        () => pool.close(),
      );
    },
  };
}

/** @param oneByOne how many items there are where each goes by itself */
export const mapCases = (oneByOne: number): readonly Case[] => [
  { id: 'one', label: 'one by one', value: ONE_BY_ONE, n: oneByOne },
  { id: '64', label: 'chunks of 64', value: 64 },
  { id: 'eight', label: 'eight chunks', value: EIGHT_CHUNKS },
];
