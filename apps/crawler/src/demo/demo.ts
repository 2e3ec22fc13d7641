import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildMessage, ChildRequest } from './child.ts';
import type { ServerStats } from './server.ts';
import type { SiteOptions } from './site.ts';

/** The demo site's process did not come up or went away. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}

/** A demo site that runs in a process of its own. */
export class Demo {
  /** Its front page. */
  readonly url: string;
  readonly #child: ChildProcess;

  constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the site saw so far; `undefined` when its process is gone. */
  async stats(): Promise<ServerStats | undefined> {
    return this.#ask({ type: 'stats' });
  }

  /** Becomes another site at the same address, and counts from nothing. @throws DemoError when its process is gone */
  async become(site: SiteOptions): Promise<void> {
    if ((await this.#ask({ type: 'become', site })) === undefined)
      throw new DemoError('The demo site is gone');
  }

  async #ask(request: ChildRequest): Promise<ServerStats | undefined> {
    if (!this.#child.connected) return undefined;
    const abort = new AbortController();
    const gone = (): void => abort.abort();
    this.#child.once('disconnect', gone);
    const answer = once(this.#child, 'message', { signal: abort.signal }) as Promise<[ChildMessage]>;
    this.#child.send(request);
    try {
      const [message] = await answer;
      return message.type === 'stats' ? message : undefined;
    } catch {
      return undefined; // it went away before it could answer
    } finally {
      this.#child.off('disconnect', gone);
    }
  }

  /** Calls `listener` if the process goes away before {@link stop}. */
  onLost(listener: (error: DemoError) => void): void {
    this.#child.once('exit', (code, signal) => {
      if (!this.#child.killed)
        listener(new DemoError(`The demo site ended by itself (${signal ?? `exit code ${code ?? '?'}`})`));
    });
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // it holds nothing that would have to be closed
    await exit;
  }
}

/**
 * Starts the demo site in a process of its own, on a free port of this machine. It ends with this process, in whatever
 * way this one ends.
 *
 * @throws DemoError when it does not come up.
 */
export async function startDemo(options: SiteOptions): Promise<Demo> {
  // Sources are run as .ts, the built package as .js: the child is whatever this file is.
  const self = fileURLToPath(import.meta.url);
  const child = fork(
    fileURLToPath(new URL(`./child${extname(self)}`, import.meta.url)),
    [JSON.stringify(options)],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: process.execArgv.filter(
        (argument) => !/^--(?:inspect|cpu-prof|heap-prof|prof)/.test(argument),
      ),
    },
  );
  const abort = new AbortController();
  const lost = (async (): Promise<ChildMessage> => {
    const [code, signal] = (await once(child, 'exit', { signal: abort.signal })) as [
      number | null,
      string | null,
    ];
    return { type: 'failed', error: `its process ended (${signal ?? `exit code ${code ?? '?'}`})` };
  })();
  const answer = (once(child, 'message', { signal: abort.signal }) as Promise<[ChildMessage]>).then(
    ([message]) => message,
  );
  try {
    const message = await Promise.race([answer, lost]);
    if (message.type === 'ready') return new Demo(message.url, child);
    throw new DemoError(
      `The demo site did not start: ${message.type === 'failed' ? message.error : 'it sent something else'}`,
    );
  } finally {
    answer.catch(() => {});
    lost.catch(() => {});
    abort.abort();
  }
}
