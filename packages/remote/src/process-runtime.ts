import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

import { childArguments } from './child-arguments.ts';
import { FrameReader, FrameWriter } from './frames.ts';
import { openChannel } from './handles.ts';
import { CHILD } from './is-main.ts';
import type { Exit, Runtime, RuntimeEvents, RuntimeOptions } from './runtime.ts';
import { type FromWorker, LIFE, RESULTS, TAKEN, TASKS, type ToWorker } from './protocol.ts';
import { loadersFor } from './typescript-loader.ts';

/** What has come from a child that has ended is waited for at most so long, in milliseconds. */
const LAST_WORDS = 2000;

/** What a child process finds in its environment. */
export interface ChildStart {
  /** What it is called, for lists of processes. */
  readonly name: string | null;
}

/** This package's module that runs tasks in a process, in the form that this one has: source or compiled. */
const entryURL = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url).href;

/**
 * Starts a child process that runs tasks. Values are copied, also what was marked to be moved; shared memory cannot be sent.
 * @internal
 */
export function startProcess(events: RuntimeEvents, options: RuntimeOptions = {}): Runtime {
  return new ProcessRuntime(events, options);
}

class ProcessRuntime implements Runtime {
  readonly id: number;
  private readonly events: RuntimeEvents;
  private readonly child: ChildProcess;
  private readonly tasks: Socket | null;
  private readonly results: Socket | null;
  private readonly life: Socket | null;
  private readonly writer: FrameWriter;
  /** Whether what has been posted is going to be written in this turn. */
  private due: boolean;
  /** How it ended, once that is known. */
  private end: Exit | null;
  private error: unknown;
  private told: boolean;

  constructor(events: RuntimeEvents, options: RuntimeOptions) {
    this.events = events;
    this.writer = new FrameWriter();
    this.due = false;
    this.end = null;
    this.error = undefined;
    this.told = false;
    this.child = start(options);
    if (options.handles === true) openChannel(this, this.child);
    this.id = this.child.pid ?? -1;
    this.tasks = this.pipe(TASKS);
    this.results = this.pipe(RESULTS);
    this.life = this.pipe(LIFE);
    const reader = new FrameReader((message: FromWorker) => events.message(message));
    this.results?.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.error ??= error;
        this.kill();
      }
    });
    let rest = Buffer.alloc(0);
    this.life?.on('data', (chunk: Buffer) => {
      for (rest = Buffer.concat([rest, chunk]); rest.length >= 4; rest = rest.subarray(4)) {
        events.message([TAKEN, rest.readInt32LE(0)]);
      }
    });
    this.results?.once('close', () => this.closed());
    this.child.once('error', (error) => {
      this.error ??= error;
      // It never came to be.
      if (this.child.pid === undefined) this.ended(null, null);
    });
    this.child.once('exit', (code, signal) => this.ended(code, signal));
  }

  post(message: ToWorker): void {
    this.writer.add(message);
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => this.flush());
  }

  give(): void {}

  begun(): null {
    return null;
  }

  takeBack(): boolean {
    return false;
  }

  askBack(id: number): void {
    this.tellWatch(~id);
  }

  flagStop(id: number): void {
    this.tellWatch(id);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  ref(): void {
    this.child.ref();
    this.child.channel?.ref();
    for (const pipe of [this.tasks, this.results, this.life]) pipe?.ref();
  }

  unref(): void {
    this.child.unref();
    this.child.channel?.unref();
    for (const pipe of [this.tasks, this.results, this.life]) pipe?.unref();
  }

  private pipe(descriptor: number): Socket | null {
    // Without free file descriptors there are none, whatever the types say.
    const pipe = (this.child.stdio?.[descriptor] ?? null) as Socket | null;
    // That it has ended is told by its exit.
    pipe?.on('error', () => {});
    // Nothing comes, but for the end.
    if (descriptor === TASKS) pipe?.resume();
    return pipe;
  }

  private tellWatch(word: number): void {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32LE(word);
    this.life?.write(bytes);
  }

  private flush(): void {
    this.due = false;
    const { tasks, writer } = this;
    const bytes = writer.take();
    if (tasks === null || !tasks.writable) return;
    tasks.write(bytes);
    // Not all of it is gone.
    if (tasks.writableLength > 0) writer.keep();
  }

  private ended(code: number | null, signal: string | null): void {
    if (this.end !== null) return;
    this.end = { code, signal, error: this.error };
    if (this.results === null || this.results.closed) this.tell();
    else setTimeout(() => this.tell(), LAST_WORDS).unref();
  }

  private closed(): void {
    if (this.end !== null) this.tell();
  }

  private tell(): void {
    if (this.told) return;
    this.told = true;
    for (const pipe of [this.tasks, this.results, this.life]) pipe?.destroy();
    this.events.exit(this.end as Exit);
  }
}

function start({ name, resourceLimits, env = process.env, execArgv, handles }: RuntimeOptions): ChildProcess {
  const loaders = loadersFor(entryURL, true);
  const program =
    loaders === null ? [fileURLToPath(entryURL)] : ['--input-type=commonjs', '-e', startWith(loaders)];
  const given: ChildStart = { name: name ?? null };
  return spawn(process.execPath, [...childArguments(execArgv, resourceLimits), ...program], {
    env: { ...env, [CHILD]: JSON.stringify(given) },
    // For Windows: those are overlapped that are read there by an event loop.
    stdio: [
      'ignore',
      'inherit',
      'inherit',
      'overlapped',
      'pipe',
      'overlapped',
      ...(handles === true ? ['ipc' as const] : []),
    ],
    windowsHide: true,
  });
}

function startWith(loaders: readonly string[]): string {
  return `(async () => {
    for (const loader of ${JSON.stringify(loaders)}) (await import(loader)).register();
    await import(${JSON.stringify(entryURL)});
  })();`;
}
