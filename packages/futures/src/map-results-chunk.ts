/** What became of several items that were one task: the values up to the first error, and that. @internal */
export interface Chunk {
  readonly values: unknown[];
  /** The error of the item behind the values, if there is one. */
  readonly failure: { readonly error: unknown } | null;
}
