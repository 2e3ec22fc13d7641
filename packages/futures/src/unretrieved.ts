import { hub } from '@switchyard/hub/core';
import { UnretrievedError } from './errors.ts';

/** Reports the error of a future that nobody has asked for, and refers to nothing but that. @internal */
export function reporter(name: string, error: unknown): () => void {
  return () => hub.reports.report(new UnretrievedError(name, error), null, 'A task failed');
}
