import type { Greenlet } from '@switchyard/greenlet';

/** What is known of a live greenlet. */
export interface GreenletInfo {
  name: string;
  /**
   * `starting` before its first turn, `parked` while it waits in the hub, `running` when it is the current one,
   * `suspended` while it has switched to another greenlet, or is about to be told of a kill.
   */
  state: 'starting' | 'parked' | 'running' | 'suspended';
  /** What it waits for, or null. */
  waitsFor: string | null;
  /** Where it was spawned, when spawn sites are tracked. */
  spawnedAt: string | null;
  /** Milliseconds since it was spawned, when spawn sites are tracked. */
  age: number | null;
  /** The live greenlets that it spawned. */
  children: GreenletInfo[];
}

/** What a parked greenlet waits for, or null. */
export function describeParked(greenlet: Greenlet): string | null {
  const parked = greenlet.parked as { describe(): string } | null;
  return parked === null ? null : parked.describe();
}

/** An indented line for each greenlet; long lists of alike lines are folded into a count. */
export function format(infos: readonly GreenletInfo[], indent = '  '): string {
  let text = '';
  let previous = '';
  let alike = 0;
  let run = 0;
  const fold = (): void => {
    if (alike > 0) text += `${indent}... and ${alike} more like it\n`;
    alike = 0;
  };
  for (const info of infos) {
    const rest =
      (info.waitsFor === null ? `: ${info.state}` : ` waits for ${info.waitsFor}`) +
      (info.age === null ? '' : `, ${Math.round(info.age)} ms old`) +
      (info.spawnedAt === null ? '' : `, spawned at ${info.spawnedAt}`);
    const kind =
      info.children.length > 0 ? '' : info.name.replace(/-\d+$/, '') + rest.replace(/\d+ ms old/, '');
    if (kind !== '' && kind === previous) {
      // The first ones are named in full; a million of them would hide all others.
      if (++run > 20) {
        alike++;
        continue;
      }
    } else {
      fold();
      run = 0;
    }
    previous = kind;
    text += `${indent}${info.name}${rest}\n${format(info.children, `${indent}  `)}`;
  }
  fold();
  return text;
}
