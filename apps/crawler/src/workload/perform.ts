import { isInterrupt } from '@switchyard/hub';
import { burn } from './burn.ts';
import { type Parse, readDom, textOf } from './dom.ts';
import type { PageFunction, Workload, WorkPage } from './workload.ts';

// What this thread has loaded for the work of its crawl. Both are large for those who do not need them.
let parse: Parse | undefined;
const functions = new Map<string, PageFunction>();

/** A module for `--work` that cannot be used. The message says why. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError';
}

/** Whether all that `work` needs is here. */
export function isLoaded(work: Workload): boolean {
  if (work.type === 'module') return parse !== undefined && functions.has(work.href);
  return work.type !== 'dom' || parse !== undefined;
}

/** Loads what `work` needs into this thread. @throws WorkloadError when a module cannot be loaded, or exports no function */
export async function loadWork(work: Workload): Promise<void> {
  if (isLoaded(work)) return;
  ({ parse } = await import('parse5'));
  if (work.type === 'module') functions.set(work.href, await functionOf(work.href, work.name));
}

async function functionOf(href: string, name: string): Promise<PageFunction> {
  let exported: unknown;
  try {
    exported = ((await import(href)) as { default?: unknown }).default;
  } catch (error) {
    if (isInterrupt(error)) throw error;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new WorkloadError(`The module "${name}" cannot be loaded (${reason})`, { cause: error });
  }
  if (typeof exported === 'function') return exported as PageFunction;
  throw new WorkloadError(
    `Expected the module "${name}" to export a function as its default, got ${exported === undefined ? 'no default export' : `a ${typeof exported}`}; write export default function (page) { return ...; }`,
  );
}

/** What a module's function returned that is not there yet. */
export class Pending {
  readonly source: unknown;

  constructor(source: unknown) {
    this.source = source;
  }
}

/**
 * Does the work on a page. @returns what is to stand in its record, or a {@link Pending} where one has to wait for that
 *
 * @throws what a module's function throws; Error when {@link loadWork} was not waited for
 */
export function perform(work: Workload, page: { readonly url: string; readonly html: string }): unknown {
  if (work.type === 'links') return null;
  if (work.type === 'burn') {
    burn(work.rounds);
    return null;
  }
  if (parse === undefined) throw new Error(`Nothing to do the work "${work.type}" with: run loadWork first`);
  if (work.type === 'dom') return readDom(page.html, parse);
  const call = functions.get(work.href);
  if (call === undefined) throw new Error(`The module "${work.name}" is not here: run loadWork first`);
  const result = call(new Page(page.url, page.html, parse));
  return isWaited(result) ? new Pending(result) : asJson(result);
}

/** A promise, or what a generator function gives; an array or a Set is neither. */
function isWaited(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    typeof (value as { then?: unknown }).then === 'function' ||
    typeof (value as { next?: unknown }).next === 'function'
  );
}

/** The value as it comes back from JSON: it has to travel, and to be written. @throws TypeError for what JSON has not */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

class Page implements WorkPage {
  readonly url: string;
  readonly html: string;
  readonly #parse: Parse;
  #text: string | undefined = undefined;

  constructor(url: string, html: string, using: Parse) {
    this.url = url;
    this.html = html;
    this.#parse = using;
  }

  get text(): string {
    this.#text ??= textOf(this.html, this.#parse);
    return this.#text;
  }
}
