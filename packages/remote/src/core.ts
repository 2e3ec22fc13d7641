/**
 * For packages that start threads and processes, or add objects that can be shared between them.
 */
export { guard } from './bootstrap.ts';
export { Call } from './call.ts';
export { runAs, setThreadTask } from './current-task.ts';
export { dehydrate, hydrate } from './dehydrate.ts';
export { decodeError, encodeError, knownErrors, type WireError } from './error-wire.ts';
export { Peer, type PeerOwner } from './peer.ts';
export { dumps, loads, type Pickled, Pickler, type PickleOptions, Unpickler } from './pickle.ts';
export { CHUNK, TELL } from './protocol.ts';
export { lookup, referenceOf } from './registry.ts';
export { onRole } from './roles.ts';
export type { Exit, Runtime, RuntimeEvents, RuntimeOptions } from './runtime.ts';
export { classOf, isShareable } from './shareable.ts';
export type { ChunkResult } from './task-runner.ts';
export { requireReference } from './task.ts';
export { startThread } from './thread-runtime.ts';
