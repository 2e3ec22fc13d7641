import type { Greenlet } from '@switchyard/greenlet';
import { current, STARTED } from '@switchyard/greenlet/scheduler';
import { describeParked, type GreenletInfo } from './runinfo.ts';
import type { ScheduledGreenlet } from './scheduled.ts';
import { OURS } from './spawn-site.ts';

interface Origin {
  readonly site: string;
  readonly since: number;
}

/**
 * All live greenlets that the hub runs, as an intrusive list (a Set would cost 100 bytes each), so that run info, leak
 * checks and the tree of a `LoopExit` can name every one of them.
 */
export class Registry {
  /** The number of greenlets in the list. */
  size = 0;
  /** Whether spawn sites are recorded. */
  tracking = process.env['SWITCHYARD_TRACK'] === '1';
  private oldest: ScheduledGreenlet | null = null;
  private newest: ScheduledGreenlet | null = null;
  /** Plain greenlets that wait in the hub; rare, and gone when they are resumed. */
  private readonly guests = new Set<Greenlet>();
  private readonly origins = new WeakMap<Greenlet, Origin>();

  add(greenlet: ScheduledGreenlet): void {
    this.size++;
    greenlet.older = this.newest;
    if (this.newest === null) this.oldest = greenlet;
    else this.newest.newer = greenlet;
    this.newest = greenlet;
    if (this.tracking) this.record(greenlet);
  }

  remove(greenlet: ScheduledGreenlet): void {
    this.size--;
    const { older, newer } = greenlet;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
    greenlet.older = null;
    greenlet.newer = null;
  }

  addGuest(greenlet: Greenlet): void {
    this.guests.add(greenlet);
  }

  removeGuest(greenlet: Greenlet): void {
    this.guests.delete(greenlet);
  }

  /** Where a greenlet was spawned, if that was recorded. */
  siteOf(greenlet: Greenlet): string | null {
    return this.origins.get(greenlet)?.site ?? null;
  }

  /** The live greenlets, oldest first. */
  *[Symbol.iterator](): Generator<ScheduledGreenlet> {
    for (let greenlet = this.oldest; greenlet !== null; greenlet = greenlet.newer) yield greenlet;
  }

  tree(): GreenletInfo[] {
    const roots: GreenletInfo[] = [];
    const known = new Map<Greenlet, GreenletInfo>();
    for (const greenlet of this) known.set(greenlet, this.info(greenlet));
    for (const greenlet of this.guests) known.set(greenlet, this.info(greenlet));
    for (const [greenlet, info] of known) {
      const spawner =
        (greenlet as ScheduledGreenlet).spawner ?? (this.guests.has(greenlet) ? greenlet.parent : null);
      const above = spawner === null ? undefined : known.get(spawner);
      (above === undefined ? roots : above.children).push(info);
    }
    return roots;
  }

  private info(greenlet: Greenlet): GreenletInfo {
    const origin = this.origins.get(greenlet);
    const waitsFor = describeParked(greenlet);
    return {
      name: greenlet.name,
      state: stateOf(greenlet, waitsFor !== null),
      waitsFor,
      spawnedAt: origin?.site ?? null,
      age: origin === undefined ? null : performance.now() - origin.since,
      children: [],
    };
  }

  private record(greenlet: ScheduledGreenlet): void {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 16;
    const holder: { stack?: string } = {};
    Error.captureStackTrace(holder);
    Error.stackTraceLimit = limit;
    const lines = (holder.stack ?? '').split('\n').slice(1);
    const site = lines.find((line) => !OURS.test(line)) ?? lines[lines.length - 1] ?? '';
    this.origins.set(greenlet, { site: site.trim().replace(/^at /, ''), since: performance.now() });
  }
}

function stateOf(greenlet: Greenlet, parked: boolean): GreenletInfo['state'] {
  if ((greenlet.flags & STARTED) === 0) return 'starting';
  if (parked) return 'parked';
  return greenlet === current ? 'running' : 'suspended';
}
