import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { hub, interrupt, type ScheduledGreenlet } from '@switchyard/hub/core';
import { Greenlet } from './greenlet.ts';
import { signalName, signalNumber } from './signal-handler.ts';
import { notCallable } from './target.ts';

/** What `main` takes. */
export interface MainOptions {
  /**
   * How many milliseconds greenlets have for their cleanup, when the program has been told to end or its body has ended:
   * 5000 when left out.
   */
  grace?: number;
  /** The signals that end the program: SIGINT and SIGTERM when left out. */
  signals?: readonly NodeJS.Signals[];
}

const GRACE = 5000;
let running = false;

/**
 * Runs a body as the program. When it has ended, or the process gets SIGINT or SIGTERM, all greenlets are killed, so that
 * their cleanup runs, which may wait; they have `grace` milliseconds for that, and then the process ends, whatever else
 * keeps it alive. A second signal ends it at once.
 *
 * The exit code is 0 (or `process.exitCode`) when the body returned or was killed, 1 when it failed, with its error
 * reported once, and 128 and the signal's number after a signal: 130 for SIGINT, 143 for SIGTERM.
 *
 * @param body a generator function, an async function or a plain function
 * @returns a promise that never settles, as the process ends before
 * @throws TypeError when `body` is not a function, an option cannot be used, or a program runs already
 */
export function main(body: () => unknown, options: MainOptions = {}): Promise<never> {
  if (typeof body !== 'function') throw notCallable(body);
  const { grace = GRACE, signals = ['SIGINT', 'SIGTERM'] } = options;
  if (typeof grace !== 'number' || Number.isNaN(grace) || grace < 0) {
    throw new TypeError(`Expected milliseconds from 0 up as the grace of main, got ${show(grace)}`);
  }
  const names = signals.map(signalName);
  if (running) throw new TypeError('Expected one main(body) in a process: spawn() what else there is to run');
  running = true;
  new Program(body, grace, names).start();
  return new Promise<never>(() => {});
}

class Program {
  private readonly greenlet: Greenlet;
  private readonly grace: number;
  private readonly signals: readonly NodeJS.Signals[];
  private code: number | null;
  private ending: boolean;
  private left: boolean;

  constructor(body: () => unknown, grace: number, signals: readonly NodeJS.Signals[]) {
    this.greenlet = new Greenlet(body);
    this.greenlet.name = 'main';
    this.grace = grace;
    this.signals = signals;
    this.code = null;
    this.ending = false;
    this.left = false;
  }

  start(): void {
    for (const signal of this.signals) process.on(signal, this.signalled);
    const outsider = {
      before: null,
      after: null,
      describe: () => 'main',
      giveUp: (error: unknown): void => {
        // It may catch that, go on, and wait for ever a second time.
        hub.outsiders.add(outsider);
        this.greenlet.kill(error, { block: false });
      },
    };
    hub.outsiders.add(outsider);
    this.greenlet.rawlink(() => {
      hub.outsiders.delete(outsider);
      this.bodyEnded();
    });
    this.greenlet.start();
  }

  private readonly signalled = (signal: NodeJS.Signals): void => {
    const code = 128 + signalNumber(signal);
    if (this.code !== null) process.exit(code);
    this.code = code;
    this.end();
  };

  private bodyEnded(): void {
    const { greenlet } = this;
    if (!greenlet.successful()) {
      if (this.code === null) process.exitCode = 1;
      hub.reports.report(greenlet.exception, greenlet as unknown as ScheduledGreenlet);
    }
    this.end();
  }

  /** Kills all there are, each once, and waits for them. */
  private end(): void {
    if (this.ending) return;
    this.ending = true;
    hub.ending = new WeakSet();
    hub.schedule({
      turn: () => {
        // Those that die leave the registry, so that it cannot be walked meanwhile.
        const all = Array.from(hub.registry);
        for (const greenlet of all) {
          const exit = new GreenletExit();
          if (!(greenlet instanceof Greenlet && greenlet.cancelStart(exit))) interrupt(greenlet, exit);
        }
        if (hub.alive === 0) this.exit();
        else hub.outsiders.whenQuiet(0, this.exit);
      },
    });
    // When the event loop runs empty before that, nothing can wake those who are left.
    setTimeout(this.exit, this.grace).unref();
  }

  private readonly exit = (): void => {
    if (this.left) return;
    this.left = true;
    if (hub.alive > 0) {
      process.stderr.write(`main has ended, and these greenlets have not:\n${hub.formatRunInfo()}`);
    }
    // What a pipe has not taken yet would be lost. The failures that nobody observes are reported a turn later.
    setImmediate(() => {
      const leave = (): void => process.exit(this.code ?? process.exitCode ?? 0);
      let pending = 1;
      const written = (): void => {
        if (--pending === 0) leave();
      };
      for (const stream of [process.stdout, process.stderr]) {
        if (stream.writableLength === 0) continue;
        pending++;
        stream.write('', written);
      }
      written();
    });
  };
}
