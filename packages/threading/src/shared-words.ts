import { RuntimeError, share, Shareable } from '@switchyard/remote';
import { tableMark } from './agent.ts';

/** What a primitive is sent as. @internal */
export interface SharedState {
  readonly words: Int32Array;
  /** The table of threads that the ids in the words belong to. */
  readonly table: number;
}

/** An object that is nothing but words of shared memory: it arrives in another thread as the same one. @internal */
export abstract class SharedWords extends Shareable {
  /** @internal */
  readonly words: Int32Array;

  constructor(words: Int32Array) {
    super();
    this.words = words;
  }

  /** @internal */
  [share](): SharedState {
    return stateOf(this.words);
  }
}

/** Makes an object that is new stand for what has been sent here. @internal */
export function standFor<S extends SharedWords>(made: S, state: SharedState): S {
  (made as { words: Int32Array }).words = wordsOf(state);
  return made;
}

/** New words, all 0. @internal */
export function newWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * 4));
}

/** What words are sent as. @internal */
export function stateOf(words: Int32Array): SharedState {
  return { words, table: tableMark };
}

/**
 * The words that have been sent here.
 *
 * @throws RuntimeError when this thread does not know the threads of the sender
 * @internal
 */
export function wordsOf(state: SharedState): Int32Array {
  if (state.table === tableMark) return state.words;
  throw new RuntimeError(
    'A lock or the like was sent to a worker that had been started before its starter imported @switchyard/threading, ' +
      'and cannot know which threads are alive: import it first',
  );
}
