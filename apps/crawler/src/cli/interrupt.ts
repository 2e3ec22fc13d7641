import { EXIT } from './usage-error.ts';

/** Signals that were told to stop. */
export interface Interrupts {
  /** The exit code that the first signal asks for. */
  readonly code: number | undefined;
  off(): void;
}

/** Calls `first` for the first SIGINT or SIGTERM; a second one ends the process at once. */
export function onInterrupt(first: (code: number, name: string) => void): Interrupts {
  let code: number | undefined;
  const listen = (name: 'SIGINT' | 'SIGTERM', exit: number): (() => void) => {
    const listener = (): void => {
      if (code !== undefined) process.exit(exit);
      code = exit;
      first(exit, name);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  };
  const listeners = [listen('SIGINT', EXIT.interrupted), listen('SIGTERM', EXIT.terminated)];
  return {
    get code() {
      return code;
    },
    off() {
      for (const off of listeners) off();
    },
  };
}
