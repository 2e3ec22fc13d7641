import { show } from '@switchyard/greenlet/scheduler';

/** Headers to send: names and values as a record, a list of pairs, a `Headers`, or anything else that iterates pairs. */
export type FetchHeaders = Record<string, string | readonly string[]> | Iterable<readonly [string, string]>;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// What RFC 9110 allows in a value, latin1 included; undici writes values as latin1.
const forbiddenInValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Headers that belong to the connection or to the framing of the body, which fetch looks after itself. */
const own = new Set(['transfer-encoding', 'keep-alive', 'upgrade', 'expect']);

/** Headers that a request has once; undici would fail later, and say less. */
const single = new Set(['host', 'content-length']);

/** Whether a text may be a method or a header's name. @internal */
export function isToken(text: string): boolean {
  return token.test(text);
}

/**
 * The headers as undici takes them: a flat list of name, value, name, value. Names keep their case.
 *
 * @throws TypeError for a name or value that cannot be sent, naming it
 * @internal
 */
export function flatHeaders(headers: FetchHeaders): string[] {
  const flat: string[] = [];
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(
      `Expected \`headers\` to be a record, a list of pairs or a Headers, got ${show(headers)}`,
    );
  }
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new TypeError(
          `Expected each entry of \`headers\` to be a [name, value] pair, got ${show(pair)}`,
        );
      }
      add(flat, pair[0], pair[1]);
    }
  } else {
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (Array.isArray(value)) for (const one of value) add(flat, name, one);
      else add(flat, name, value);
    }
  }
  return flat;
}

/** Where a header stands in a flat list, or -1; `name` in lower case. @internal */
export function findHeader(flat: readonly string[], name: string): number {
  for (let i = 0; i < flat.length; i += 2) {
    const other = flat[i]!;
    if (other.length === name.length && other.toLowerCase() === name) return i;
  }
  return -1;
}

/** A copy without the headers named, in lower case. @internal */
export function withoutHeaders(flat: readonly string[], names: ReadonlySet<string>): string[] {
  const rest: string[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    if (!names.has(flat[i]!.toLowerCase())) rest.push(flat[i]!, flat[i + 1]!);
  }
  return rest;
}

function add(flat: string[], name: unknown, value: unknown): void {
  if (typeof name !== 'string' || !token.test(name)) {
    throw new TypeError(`Expected the name of a header, such as 'accept', got ${show(name)}`);
  }
  if (value === undefined || value === null) {
    throw new TypeError(
      `Expected a string as the header '${name}', got ${show(value)}: leave the header out instead`,
    );
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError(`Expected a string as the header '${name}', got ${show(value)}`);
  }
  // The standard strips white space around a value, and so do servers.
  const text = String(value).trim();
  if (forbiddenInValue.test(text)) {
    throw new TypeError(
      `Expected the header '${name}' to be text without line breaks or characters above U+00FF, got ${show(text)}`,
    );
  }
  const lower = name.toLowerCase();
  if (own.has(lower)) throw new TypeError(`The header '${name}' is fetch's own to send: leave it out`);
  if (single.has(lower) && findHeader(flat, lower) !== -1) {
    throw new TypeError(`The header '${name}' is given twice: a request has one`);
  }
  if (lower === 'content-length' && !/^\d+$/.test(text)) {
    throw new TypeError(`Expected the header '${name}' to be a number of bytes, got ${show(text)}`);
  }
  flat.push(name, text);
}
