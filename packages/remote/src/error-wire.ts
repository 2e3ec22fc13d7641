import { GreenletExit } from '@switchyard/greenlet';
import { show } from '@switchyard/greenlet/scheduler';
import { LoopExit, Timeout } from '@switchyard/hub';
import { BootstrapError, CloneError, RuntimeError, TaskError, TimeoutError } from './errors.ts';
import { lookup, referenceOf } from './registry.ts';

/** An error, or anything else that was thrown, on its way to another thread or process. */
export type WireError = WireFailure | { readonly value: unknown };

interface WireFailure {
  readonly name: string;
  /** The name of its class. */
  readonly ctor: string;
  /** Where its class is defined, for one that was `register`ed. */
  readonly url?: string;
  readonly message: string;
  readonly stack?: string;
  /** Its own properties, `code` and the like. */
  readonly props: Record<string, unknown>;
  readonly cause?: WireError;
  readonly errors?: readonly WireError[];
}

/** How deep chains of causes are followed. */
const DEEP = 16;

type ErrorClass = abstract new (...args: never[]) => Error;

const known = new Map<string, ErrorClass>();
for (const builtIn of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
  known.set(builtIn.name, builtIn);
}
knownErrors([AggregateError, GreenletExit, Timeout, LoopExit]);
knownErrors([BootstrapError, CloneError, RuntimeError, TaskError, TimeoutError]);

/** Error classes of this house: they arrive as themselves without having been registered. @internal */
export function knownErrors(classes: readonly ErrorClass[]): void {
  for (const one of classes) known.set(one.name, one);
}

/** Takes whatever was thrown apart into what can be cloned. Never throws. @internal */
export function encodeError(thrown: unknown): WireError {
  return encode(thrown, 0, new Set());
}

function encode(thrown: unknown, depth: number, seen: Set<unknown>): WireError {
  if (!isError(thrown)) return { value: clonable(thrown) };
  if (depth > DEEP || seen.has(thrown)) return { value: `[${describe(thrown)}]` };
  seen.add(thrown);
  const constructor = (thrown.constructor ?? Error) as ErrorClass;
  const wire: { -readonly [K in keyof WireFailure]: WireFailure[K] } = {
    name: text(() => thrown.name) ?? 'Error',
    ctor: typeof constructor === 'function' ? constructor.name : 'Error',
    message: text(() => thrown.message) ?? '',
    props: propsOf(thrown),
  };
  const stack = text(() => thrown.stack);
  if (stack !== undefined) wire.stack = stack;
  const url = typeof constructor === 'function' ? referenceOf(constructor)?.url : undefined;
  if (url !== undefined) wire.url = url;
  if ('cause' in thrown && thrown.cause !== undefined) wire.cause = encode(thrown.cause, depth + 1, seen);
  const errors: unknown = (thrown as Partial<AggregateError>).errors;
  if (thrown instanceof AggregateError && Array.isArray(errors)) {
    wire.errors = errors.map((error) => encode(error, depth + 1, seen));
  }
  return wire;
}

/** Makes the error again: of its own class where that is known here, otherwise an `Error` of that name. @internal */
export function decodeError(wire: WireError): unknown {
  if ('value' in wire) return wire.value;
  if (wire.ctor === 'DOMException') return decodeDOMException(wire);
  const home = wire.url === undefined ? undefined : lookup(wire.url, wire.ctor);
  const constructor = (home as unknown as ErrorClass | undefined) ?? known.get(wire.ctor);
  // Not through the constructor, which may expect other arguments: a real error, given its class afterwards.
  const error = wire.errors === undefined ? new Error(wire.message) : aggregate(wire.errors, wire.message);
  if (constructor !== undefined) Object.setPrototypeOf(error, constructor.prototype as object);
  if (error.name !== wire.name) hidden(error, 'name', wire.name);
  hidden(error, 'stack', wire.stack ?? `${wire.name}: ${wire.message}`);
  if (wire.cause !== undefined) hidden(error, 'cause', decodeError(wire.cause));
  for (const [key, value] of Object.entries(wire.props)) {
    Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

function aggregate(errors: readonly WireError[], message: string): Error {
  return new AggregateError(errors.map(decodeError), message);
}

function decodeDOMException(wire: WireFailure): DOMException {
  const error = new DOMException(wire.message, wire.name);
  if (wire.stack !== undefined) hidden(error, 'stack', wire.stack);
  return error;
}

function hidden(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}

function isError(value: unknown): value is Error & { cause?: unknown } {
  if (value instanceof Error) return true;
  // One of another realm, such as vm's.
  return Object.prototype.toString.call(value) === '[object Error]';
}

const carried = new Set(['name', 'message', 'stack', 'cause', 'errors']);

function propsOf(error: Error): Record<string, unknown> {
  const props: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (carried.has(key)) continue;
    try {
      props[key] = clonable((error as unknown as Record<string, unknown>)[key]);
    } catch {
      // A getter that throws has nothing to tell.
    }
  }
  return props;
}

/** The value itself if it can be cloned, otherwise what it looks like. */
function clonable(value: unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol')) {
    return value;
  }
  try {
    structuredClone(value);
    return value;
  } catch {
    return isError(value) ? describe(value) : show(value);
  }
}

function describe(error: Error): string {
  return `${text(() => error.name) ?? 'Error'}: ${text(() => error.message) ?? ''}`;
}

function text(read: () => unknown): string | undefined {
  try {
    const value = read();
    return value === undefined ? undefined : String(value);
  } catch {
    return undefined;
  }
}
