import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CORE, ECHO_SERVER, LOAD } from './equip.ts';

/** A program of its own that has connections to a server and sends messages on them, when it is told to. */
export interface Load {
  /** `connect 10`, `send 10`, `echo 1000`, `flood 1000`, `churn 1000` or `close`; waits until that is done. @throws its error, when it fails */
  ask(command: string): Promise<void>;
  close(): Promise<void>;
}

/** Another program, obeyed over its input, heard of over its output. */
interface Driven {
  readonly pid: number;
  /** The next line that it prints. */
  line(): Promise<string>;
  tell(command: string): void;
  close(): Promise<void>;
}

function drive(file: string, args: readonly string[]): Driven {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let closing = false;
  child.on('exit', (code, signal) => {
    // The cell crashes with it: nobody would answer any more.
    if (!closing) throw new Error(`Expected ${file} to go on until it is told to end, got ${code ?? signal}`);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid as number,
    line: async () => (await lines.next()).value as string,
    tell: (command) => void child.stdin.write(`${command}\n`),
    async close() {
      closing = true;
      child.stdin.end();
      await ended;
    },
  };
}

/** Keeps this process, the server, on its core, if there is one for it. */
function pin(): void {
  const core = process.env[CORE];
  if (core !== undefined) spawnSync('taskset', ['-a', '-p', '-c', core, `${process.pid}`]);
}

/** Starts the load for a server on this port. */
export function openLoad(port: number, size: number): Load {
  pin();
  const command = process.env[LOAD];
  if (command === undefined) throw new Error(`Expected ${LOAD} to name the program that makes the load`);
  const [file, ...args] = JSON.parse(command) as [string, ...string[]];
  const program = drive(file, [...args, '127.0.0.1', `${port}`, `${size}`]);
  return {
    async ask(order) {
      program.tell(order);
      const answer = await program.line();
      if (answer !== 'done')
        throw new Error(`Expected the load to say when it has done ${order}, got ${answer}`);
    },
    close: () => program.close(),
  };
}

/** The echo server in C. */
export async function startServerInC(): Promise<{ port: number; pid: number; close(): Promise<void> }> {
  const { [ECHO_SERVER]: file, [CORE]: core } = process.env;
  if (file === undefined) throw new Error(`Expected ${ECHO_SERVER} to name the server in C`);
  const server = core === undefined ? drive(file, []) : drive('taskset', ['-c', core, file]);
  return { port: Number(await server.line()), pid: server.pid, close: () => server.close() };
}
