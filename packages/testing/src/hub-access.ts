/**
 * All that the runner knows of the hub. It is loaded at run time because the tests of `packages/greenlet` stand below
 * the hub: there everything here answers "nothing", and a generator body runs as a bare greenlet.
 *
 * The runner is a tool of every package and depends on none: these names are not in its package.json, and resolve
 * because all workspaces are linked at the root.
 */
import type { HubUse } from './workspace.ts';

const hubPackage: string = '@switchyard/hub';
const greenletPackage: string = '@switchyard/greenlet';

interface HubView {
  onError: ((error: unknown, greenlet: unknown) => void) | null;
  readonly alive: number;
  readonly switches: number;
  formatRunInfo(): string;
}

interface HubModule {
  getHub(): HubView;
}

interface HubCore {
  /** Runs a coroutine in a greenlet of its own; should the event loop run empty meanwhile, that fails with `LoopExit`. */
  inStrand(label: string, steps: () => Generator): Promise<unknown>;
}

interface GreenletModule {
  Greenlet: new (body: () => unknown) => { switch(): unknown; readonly dead: boolean };
  run(operation: unknown): unknown;
}

let core: HubCore | null = null;
let hub: HubView | null = null;

/** Loads the hub of the workspace. */
export async function loadHub(use: HubUse): Promise<void> {
  if (use === 'no') return;
  try {
    const { getHub } = (await import(hubPackage)) as HubModule;
    core = (await import(`${hubPackage}/core`)) as HubCore;
    hub = getHub();
  } catch (error) {
    if (use === 'yes') throw error;
  }
}

export function aliveGreenlets(): number {
  return hub?.alive ?? 0;
}

/** How often a greenlet has been resumed so far, or null where no hub counts. */
export function switchCount(): number | null {
  return hub?.switches ?? null;
}

export function parkedGreenlets(): string {
  return hub?.formatRunInfo() ?? '';
}

export function onGreenletError(listener: (error: unknown) => void): void {
  if (hub !== null) hub.onError = (error) => listener(error);
}

/** Runs a generator as a greenlet; what is returned can be awaited. */
export async function runAsGreenlet(label: string, body: () => Generator): Promise<void> {
  if (core !== null) {
    await core.inStrand(label, body);
    return;
  }
  const { Greenlet, run } = (await import(greenletPackage)) as GreenletModule;
  const greenlet = new Greenlet(body);
  run(greenlet.switch());
  if (!greenlet.dead) throw new Error('the generator body switched away to its parent and has not ended');
}
