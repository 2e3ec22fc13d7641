/** Where the npm peers live: a package of their own with a lock file of its own, beside `src` and `dist`. */
export const PEERS: URL = new URL('../../peers/', import.meta.url);

interface Loader {
  load(name: string): Promise<unknown>;
}

/** Imports a peer from `peers/node_modules`. The type is the caller's word: see the interfaces beside this file. */
export async function loadPeer<T>(name: string): Promise<T> {
  const loader: Loader = await import(new URL('load.js', PEERS).href);
  return (await loader.load(name)) as T;
}
