/** What servers take. What has a field of the same name may be set by a subclass, too. */
export interface ServerOptions {
  /** Whether it takes its address at once: true when left out. Otherwise when it begins to serve, or with `start`. */
  bindAndActivate?: boolean | undefined;
  /** How long `handleRequest` waits for a request, in ms; null, as it is to begin with, for no limit. */
  timeout?: number | null | undefined;
  /** How long handlers may go on when it is shut down, in ms: 1000 when left out; null for as long as they take. */
  grace?: number | null | undefined;
  /** Whether `serverClose` waits for handlers: true when left out. Python: `block_on_close`. */
  blockOnClose?: boolean | undefined;
  /** What handlers find as `server.shared`. For threads and processes it must be what can be sent there. */
  shared?: unknown;
}

/** How a server shuts down. */
export interface ShutdownOptions {
  /** How long handlers may go on, in ms, before they are killed: the `grace` of the server when left out; null for no limit. */
  grace?: number | null | undefined;
}

/** How a server serves. */
export interface ServeOptions {
  /** How long it goes without `serviceActions` when nothing comes, in ms: 500 when left out. */
  pollInterval?: number | undefined;
}
