import { Worker } from 'node:worker_threads';

import { BEGUN, type FromWorker, GIVEN, mark, slotOf, STOPS, TAKEN_BACK, WORDS } from './protocol.ts';
import { preloads } from './preloads.ts';
import type { Exit, Runtime, RuntimeEvents, RuntimeOptions } from './runtime.ts';
import { loadersFor } from './typescript-loader.ts';

/** What a worker thread finds in its `workerData`. */
export interface ThreadStart {
  readonly switchyard: {
    /** The module that runs tasks. */
    readonly entry: string;
    /** What has to be imported before. */
    readonly modules: readonly string[];
    /** What has to be registered before. */
    readonly loaders: readonly string[];
    readonly words: SharedArrayBuffer;
  };
}

/** This package's module that runs tasks, in the form that this one has: source or compiled. @internal */
export const entryURL = new URL(
  import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js',
  import.meta.url,
).href;

// Plain JavaScript in a string, as nothing else loads in a thread that has no loader for TypeScript yet.
// No `require`: the program may have been started with --input-type=module.
const start = `
(async () => {
  const { entry, modules, loaders } = (await import('node:worker_threads')).workerData.switchyard;
  for (const module of modules) await import(module);
  for (const loader of loaders) (await import(loader)).register();
  await import(entry);
})();
`;

/** Starts a worker thread that runs tasks. @internal */
export function startThread(events: RuntimeEvents, options: RuntimeOptions = {}): Runtime {
  return new ThreadRuntime(events, options);
}

class ThreadRuntime implements Runtime {
  readonly id: number;
  private readonly worker: Worker;
  private readonly words: Int32Array;

  constructor(events: RuntimeEvents, options: RuntimeOptions) {
    this.words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)).fill(-1);
    const workerData: ThreadStart = {
      switchyard: {
        entry: entryURL,
        modules: preloads(options.execArgv),
        loaders: loadersFor(entryURL, false) ?? [],
        words: this.words.buffer as SharedArrayBuffer,
      },
    };
    this.worker = new Worker(start, { ...options, eval: true, workerData, trackUnmanagedFds: false });
    this.id = this.worker.threadId;
    let error: unknown = undefined;
    this.worker.on('message', (message: FromWorker) => events.message(message));
    this.worker.on('messageerror', (problem) => {
      error = problem;
      void this.worker.terminate();
    });
    this.worker.on('error', (problem) => {
      error ??= problem;
    });
    this.worker.on('exit', (code) => events.exit({ code, signal: null, error } satisfies Exit));
  }

  post(message: Parameters<Runtime['post']>[0], transfers: Parameters<Runtime['post']>[1]): void {
    this.worker.postMessage(message, transfers as Parameters<Worker['postMessage']>[1]);
  }

  give(id: number): void {
    Atomics.store(this.words, slotOf(id), mark(id, GIVEN));
  }

  begun(id: number): boolean {
    return Atomics.load(this.words, slotOf(id)) === mark(id, BEGUN);
  }

  takeBack(id: number): boolean {
    const given = mark(id, GIVEN);
    return Atomics.compareExchange(this.words, slotOf(id), given, mark(id, TAKEN_BACK)) === given;
  }

  // What can be had is had with `takeBack`.
  askBack(): void {}

  flagStop(id: number): void {
    Atomics.store(this.words, STOPS + slotOf(id), id);
  }

  kill(): void {
    void this.worker.terminate();
  }

  ref(): void {
    this.worker.ref();
  }

  unref(): void {
    this.worker.unref();
  }
}
