/**
 * A child process of ours that is up before the measurement begins, and does what it is told as often as it is told: a round
 * measures what it does, and not its start.
 */
export interface Agent {
  /** Tells it what to do, and waits for its answer. @throws its error, when it fails */
  ask(order: unknown): Promise<unknown>;
  close(): Promise<void>;
}

type Target = (...args: never[]) => unknown;

/** @param target a task that takes the connection on which it is told, and what it shares with others */
export async function openAgent(target: Target, ...shared: unknown[]): Promise<Agent> {
  const { EOFError, Pipe, Process } = await import('@switchyard/multiprocessing');
  const [here, there] = Pipe();
  const agent = new Process({ target, args: [there, ...shared] as never, daemon: true });
  agent.start();
  // Left with the child alone, the other end closes with it.
  there.close();
  return {
    async ask(order) {
      try {
        await here.send(order);
        return await here.recv();
      } catch (error) {
        if (!(error instanceof EOFError)) throw error;
        await agent;
        throw new Error('Expected an answer of the child process, but it has ended', { cause: error });
      }
    },
    async close() {
      await here.send(null);
      await agent;
    },
  };
}
