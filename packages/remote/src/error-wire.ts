import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { LoopExit, Timeout } from '@switchyard/hub';
import { Empty, Full, ShutDown } from '@switchyard/hub/core';
import { BootstrapError, CloneError, RuntimeError, TaskError, TimeoutError } from './errors.ts';
import { memoryPath } from './memory-path.ts';
import { lookup, type Reference, referenceOf } from './registry.ts';

/** An error, or anything else that was thrown, on its way to another thread or process. */
export type WireError = WireFailure | { readonly value: unknown };

interface WireFailure {
  readonly name: string;
  readonly message: string;
  /** The nearest of its classes that every side has. */
  readonly kind: string;
  /** The nearest of its classes that was `register`ed, if that is nearer. */
  readonly home?: Reference;
  readonly stack?: string;
  /** Its own properties, `code` and the like. */
  readonly props: Record<string, unknown>;
  /** Errors may hold each other in a circle: so do these. */
  readonly cause?: WireError;
  readonly errors?: readonly WireError[];
}

/** How deep chains of causes are followed. */
const DEEP = 100;

type ErrorClass = abstract new (...args: never[]) => Error;

const known = new Map<string, ErrorClass>();
for (const builtIn of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
  known.set(builtIn.name, builtIn);
}
knownErrors([AggregateError, GreenletExit, Timeout, LoopExit]);
knownErrors([BootstrapError, CloneError, RuntimeError, TaskError, TimeoutError, Empty, Full, ShutDown]);

/** Error classes of this house: they arrive as themselves without having been registered. @internal */
export function knownErrors(classes: readonly ErrorClass[]): void {
  for (const one of classes) known.set(one.name, one);
}

/** Takes whatever was thrown apart into what can be cloned. Never throws. @internal */
export function encodeError(thrown: unknown): WireError {
  return encode(thrown, 0, new Map());
}

/** Makes the error again: of its own class where that is known here, otherwise of the nearest one, by its name. @internal */
export function decodeError(wire: WireError): unknown {
  return decode(wire, new Map());
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function encode(thrown: unknown, depth: number, seen: Map<unknown, WireError>): WireError {
  if (!isError(thrown)) return { value: clonable(thrown) };
  const before = seen.get(thrown);
  if (before !== undefined) return before;
  if (depth > DEEP) return { value: `[${describe(thrown)}]` };
  const wire: Writable<WireFailure> = {
    name: text(() => thrown.name) ?? 'Error',
    message: text(() => thrown.message) ?? '',
    kind: 'Error',
    props: {},
  };
  seen.set(thrown, wire);
  read(() => classify(thrown, wire));
  const stack = text(() => thrown.stack);
  if (stack !== undefined) wire.stack = stack;
  const cause = read(() => thrown.cause);
  if (cause !== undefined) wire.cause = encode(cause, depth + 1, seen);
  const errors = wire.kind === 'AggregateError' ? read(() => (thrown as AggregateError).errors) : undefined;
  if (Array.isArray(errors)) wire.errors = errors.map((error) => encode(error, depth + 1, seen));
  read(() => copyProps(thrown, wire.props, wire.errors !== undefined));
  return wire;
}

/** Finds what it is an instance of. */
function classify(error: object, wire: Writable<WireFailure>): void {
  if (isDOMException(error)) {
    wire.kind = 'DOMException';
    return;
  }
  for (
    let level: unknown = Object.getPrototypeOf(error);
    level !== null;
    level = Object.getPrototypeOf(level)
  ) {
    const own = Object.getOwnPropertyDescriptor(level, 'constructor')?.value as ErrorClass | undefined;
    if (typeof own !== 'function') continue;
    const reference = referenceOf(own);
    if (reference !== undefined) wire.home ??= reference;
    // One of another realm, such as vm's, is not the same but as good.
    const house = known.get(own.name);
    if (house === own || (house !== undefined && isNative(house) && isNative(own))) {
      wire.kind = own.name;
      return;
    }
  }
}

function decode(wire: WireError, made: Map<WireError, unknown>): unknown {
  if ('value' in wire) return wire.value;
  const before = made.get(wire);
  if (before !== undefined) return before;
  const error = wire.kind === 'DOMException' ? new DOMException(wire.message, wire.name) : shell(wire);
  made.set(wire, error);
  hidden(error, 'stack', wire.stack ?? `${wire.name}: ${wire.message}`);
  if (wire.cause !== undefined) hidden(error, 'cause', decode(wire.cause, made));
  if (wire.errors !== undefined) {
    hidden(
      error,
      'errors',
      wire.errors.map((one) => decode(one, made)),
    );
  }
  for (const [key, value] of Object.entries(wire.props)) {
    Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

function shell({ name, message, kind, home }: WireFailure): Error {
  // Not through the constructor, which may expect other arguments: a real error, given its class afterwards.
  const error = new Error(message);
  const registered = home === undefined ? undefined : lookup(home.url, home.name);
  const constructor = (registered as unknown as ErrorClass | undefined) ?? known.get(kind) ?? Error;
  Object.setPrototypeOf(error, constructor.prototype as object);
  if (error.name !== name) hidden(error, 'name', name);
  return error;
}

function hidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

function isError(value: unknown): value is Error & { cause?: unknown } {
  if (value === null || typeof value !== 'object') return false;
  // One of another realm, such as vm's, is no instance.
  const test = (): boolean =>
    value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  return read(test) ?? false;
}

function isDOMException(error: object): boolean {
  return error instanceof DOMException && error.constructor === DOMException;
}

function isNative(constructor: ErrorClass): boolean {
  return Function.prototype.toString.call(constructor).endsWith('{ [native code] }');
}

const carried = new Set(['name', 'message', 'stack', 'cause']);

function copyProps(error: object, props: Record<string, unknown>, hasErrors: boolean): void {
  for (const key of Object.keys(error)) {
    if (carried.has(key) || (hasErrors && key === 'errors')) continue;
    // A getter that throws has nothing to tell.
    const value = read(() => clonable((error as Record<string, unknown>)[key]));
    Object.defineProperty(props, key, { value, enumerable: true, configurable: true, writable: true });
  }
}

/** The value itself if it can be cloned into any thread or process, otherwise what it looks like. */
function clonable(value: unknown): unknown {
  if (
    value === null ||
    (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')
  ) {
    return value;
  }
  try {
    structuredClone(value);
    // It could not go to a process, and the rest of the error is to arrive there.
    return memoryPath(value, '') === null ? value : show(value);
  } catch {
    return isError(value) ? describe(value) : (read(() => show(value)) ?? 'an object');
  }
}

function describe(error: Error): string {
  return `${text(() => error.name) ?? 'Error'}: ${text(() => error.message) ?? ''}`;
}

function text(get: () => unknown): string | undefined {
  return read(() => {
    const value = get();
    return value === undefined ? undefined : String(value as string);
  });
}

function read<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
