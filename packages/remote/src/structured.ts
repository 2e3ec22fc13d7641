import { Deserializer, Serializer } from 'node:v8';
import { show } from '@switchyard/greenlet/scheduler';
import { withMemory, withoutMemory } from './shared-memory.ts';

/** Structured clone has refused a value. @internal */
export class Refusal extends Error {}

/** Shared memory was to be sent to another process. @internal */
export class MemoryRefusal extends Error {}

/**
 * What structured clone makes of a value, as bytes.
 *
 * @param buffers receives the shared memory in it, which stays outside of the bytes
 * @throws Refusal when it cannot be cloned
 * @internal
 */
export function serialize(value: unknown, buffers: SharedArrayBuffer[]): Uint8Array {
  const writer = new Writer();
  writer.writeHeader();
  writer.writeValue(value);
  if (!writer.foundMemory) return writer.releaseBuffer();
  // Node writes shared memory but cannot read it again, so that marks have to stand for it.
  const second = new Writer();
  second.writeHeader();
  second.writeValue(withoutMemory(value, buffers));
  if (second.foundMemory) throw new Refusal('shared memory inside of an object that is no plain one');
  return second.releaseBuffer();
}

/** The value again. @param buffers what `serialize` gave beside the bytes @internal */
export function deserialize(bytes: Uint8Array, buffers: readonly SharedArrayBuffer[]): unknown {
  const reader = new Deserializer(bytes);
  reader.readHeader();
  const value: unknown = reader.readValue();
  return buffers.length === 0 ? value : withMemory(value, buffers);
}

class Writer extends Serializer {
  foundMemory: boolean;

  constructor() {
    super();
    this.foundMemory = false;
  }

  _getSharedArrayBufferId(_buffer: SharedArrayBuffer): number {
    this.foundMemory = true;
    return 0;
  }

  // For objects of Node, ports and the like, of which it would throw an error of no class.
  _writeHostObject(item: object): never {
    throw new Refusal(`${show(item)} could not be cloned`);
  }

  // The engine calls it without `new`.
  _getDataCloneError(message: string): Error {
    return new Refusal(message);
  }
}
