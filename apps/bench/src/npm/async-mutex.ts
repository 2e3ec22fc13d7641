import { loadPeer } from './load.ts';

/** As much of async-mutex's surface as the rows use. */
interface AsyncMutexModule {
  readonly Mutex: new () => { acquire(): Promise<() => void> };
}

export const loadAsyncMutex = (): Promise<AsyncMutexModule> => loadPeer<AsyncMutexModule>('async-mutex');
