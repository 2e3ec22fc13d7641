import type { Load } from '../load/driven.ts';
import type { Server } from './select-servers.ts';
import { until } from './until.ts';

/** No more than fit into any backlog: the kernel would have the rest try again a second later. */
const AT_ONCE = 256;

/** Opens so many connections more, and waits until the server has accepted them all. */
export async function connectAll(load: Load, server: Server, connections: number): Promise<void> {
  const all = server.accepted() + connections;
  while (server.accepted() < all) {
    const before = server.accepted();
    const more = Math.min(AT_ONCE, all - before);
    await load.ask(`connect ${more}`);
    await until(() => server.accepted() === before + more);
  }
}
