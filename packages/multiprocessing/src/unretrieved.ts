import { hub } from '@switchyard/hub/core';

/** Reports an error of a task that nobody has asked for, and refers to nothing but that. @internal */
export function reporter(error: unknown): () => void {
  return () => hub.reports.report(error, null, 'A task of a pool failed');
}
