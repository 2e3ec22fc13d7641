import { inspect } from 'node:util';
import type { Greenlet } from '@switchyard/greenlet';
import { OURS } from './spawn-site.ts';

/** Told of an error that nobody observes: a greenlet's, or null for one thrown by a callback in the hub. */
export type ErrorHook = (error: unknown, greenlet: Greenlet | null) => void;

/** What the reports have to know of the hub. */
interface Source {
  readonly runnable: boolean;
  readonly registry: { siteOf(greenlet: Greenlet): string | null };
}

/** Sees that an error is told to somebody: to whoever observes it, otherwise once to the error hook or on stderr. @internal */
export class Reports {
  hook: ErrorHook | null = null;
  private suspects: Greenlet[] = [];
  private readonly hub: Source;

  constructor(hub: Source) {
    this.hub = hub;
  }

  /** Reports an error that nobody can observe. @param headline what failed, when it is no greenlet */
  report(error: unknown, greenlet: Greenlet | null, headline = 'A callback in the hub failed'): void {
    if (this.hook !== null) {
      try {
        this.hook(error, greenlet);
        return;
      } catch (second) {
        print('The error hook failed', second, null);
      }
    }
    if (greenlet === null) print(headline, error, null);
    else print(`Greenlet ${greenlet.name} failed`, error, this.hub.registry.siteOf(greenlet));
  }

  /**
   * A greenlet failed and nobody has observed it so far. Those who look within the same turn of the event loop are in
   * time; otherwise it is reported.
   */
  suspect(greenlet: Greenlet): void {
    if (this.suspects.push(greenlet) > 1) return;
    process.once('exit', this.reportSuspects);
    setImmediate(this.checkSuspects);
  }

  private readonly checkSuspects = (): void => {
    if (this.hub.runnable) setImmediate(this.checkSuspects);
    else this.reportSuspects();
  };

  private readonly reportSuspects = (): void => {
    process.off('exit', this.reportSuspects);
    const suspects = this.suspects;
    this.suspects = [];
    for (const greenlet of suspects) {
      const failure = (greenlet as Greenlet & { unobserved?(): { error: unknown } | null }).unobserved?.();
      if (failure) this.report(failure.error, greenlet);
    }
  };
}

function print(headline: string, error: unknown, site: string | null): void {
  const text = inspect(error)
    .split('\n')
    .filter((line) => !OURS.test(line))
    .join('\n');
  process.stderr.write(`${headline}: ${text}${site === null ? '' : `\n  spawned at ${site}`}\n`);
}
