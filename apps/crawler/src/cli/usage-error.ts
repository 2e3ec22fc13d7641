/** The command line asks for something that cannot be done. The message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const EXIT = {
  ok: 0,
  /** Something went wrong that is not the fault of a site: the records could not be written, a bug. */
  error: 1,
  usage: 2,
  /** Not one start URL could be fetched. */
  seedsFailed: 3,
  interrupted: 130,
  terminated: 143,
} as const;
