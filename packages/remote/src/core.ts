/**
 * For packages that start threads and processes, or add objects that can be shared between them.
 */
export { type AcquireOptions, checkAcquire } from './acquire-options.ts';
export { guard } from './bootstrap.ts';
export { Call } from './call.ts';
export type { ChunkResult } from './chunk.ts';
export { runAs, setThreadTask } from './current-task.ts';
export { dehydrate, holdsMoves, hydrate } from './dehydrate.ts';
export { decodeError, encodeError, knownErrors, type WireError } from './error-wire.ts';
export { Peer, type PeerOwner } from './peer.ts';
export { dumps, loads, type Pickled, Pickler, type PickleOptions, Unpickler } from './pickle.ts';
export { CHUNK, TELL } from './protocol.ts';
export { beforeEnd, readyToEnd } from './endings.ts';
export { FrameReader, FrameWriter } from './frames.ts';
export { currentNumber } from './greenlet-number.ts';
export { onHandle, sendHandle } from './handles.ts';
export { Held } from './held.ts';
export { Empty, Full, ShutDown } from '@switchyard/hub/core';
export { lookup, referenceOf } from './registry.ts';
export { onRole } from './roles.ts';
export type { Exit, Runtime, RuntimeEvents, RuntimeOptions } from './runtime.ts';
export { classOf, isShareable } from './shareable.ts';
export { requireReference } from './task.ts';
export { startProcess } from './process-runtime.ts';
export { startThread } from './thread-runtime.ts';
