/** What is done with every page besides following its links. Plain data: it travels to workers. */
export type Workload =
  /** Nothing more. */
  | { readonly type: 'links' }
  /** A tree of its elements, its text, a fingerprint of that, and that compressed: what an indexer would do. */
  | { readonly type: 'dom' }
  /** So many rounds of arithmetic, which are `ms` milliseconds of CPU time where they were counted. */
  | { readonly type: 'burn'; readonly ms: number; readonly rounds: number }
  /** The function that a module exports. */
  | { readonly type: 'module'; readonly href: string; readonly name: string };

/** A page as a module's function gets it. */
export interface WorkPage {
  /** Where it was fetched from. */
  readonly url: string;
  /** Its markup, decoded. */
  readonly html: string;
  /** What it says, without markup, scripts and styles; made when it is first asked for. */
  readonly text: string;
}

/**
 * The default export of a module for `--work`: gets every HTML page, and returns what is to stand in its record, as JSON has it. It
 * may be an async function, or a generator function in which `yield*` waits.
 */
export type PageFunction = (page: WorkPage) => unknown;

/** How a workload is written on a command line, and named in a report. */
export function nameOf(work: Workload): string {
  switch (work.type) {
    case 'links':
    case 'dom':
      return work.type;
    case 'burn':
      return `${work.ms}ms`;
    case 'module':
      return work.name;
  }
}
