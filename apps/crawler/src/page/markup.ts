import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { decodeAttribute, decodeText } from './entities.ts';

/** A link as the page writes it, references resolved, not yet joined with the base. */
export interface RawLink {
  readonly href: string;
  readonly nofollow: boolean;
}

/** What {@link scanMarkup} finds in a page. */
export interface Markup {
  readonly links: readonly RawLink[];
  /** `<base href>`, the first one. */
  readonly base: string | undefined;
  readonly canonical: string | undefined;
  readonly title: string | undefined;
  /** Directives of `<meta name="robots">`, in lower case. */
  readonly robots: string;
  readonly resources: number;
}

/** Attributes that matter. The numbers index {@link MarkupScanner}'s slots. */
const HREF = 0;
const SRC = 1;
const REL = 2;
const CONTENT = 3;
const NAME = 4;
const HTTP_EQUIV = 5;
const TYPE = 6;
const SLOTS = 7;

const ATTRIBUTES = new Map<string, number>([
  ['href', HREF],
  ['src', SRC],
  ['rel', REL],
  ['content', CONTENT],
  ['name', NAME],
  ['http-equiv', HTTP_EQUIV],
  ['type', TYPE],
]);

type Handler = 'anchor' | 'link' | 'frame' | 'resource' | 'base' | 'meta' | 'title';

const TAGS = new Map<string, Handler>([
  ['a', 'anchor'],
  ['area', 'anchor'],
  ['link', 'link'],
  ['iframe', 'frame'],
  ['frame', 'frame'],
  ['img', 'resource'],
  ['script', 'resource'],
  ['source', 'resource'],
  ['embed', 'resource'],
  ['video', 'resource'],
  ['audio', 'resource'],
  ['track', 'resource'],
  ['base', 'base'],
  ['meta', 'meta'],
  ['title', 'title'],
]);

/** Elements whose content is not markup and which the tokenizer does not know. */
const RAW_TEXT = new Set(['iframe', 'noembed', 'noframes', 'plaintext']);

const LONGEST_TAG = 9;
const LONGEST_ATTRIBUTE = 10;
const TITLE_LIMIT = 300;

/** `1` for the length and first letter of every name of interest: most tags and attributes end here, without a string. */
const TAG_SHAPES = shapes([...TAGS.keys(), ...RAW_TEXT], LONGEST_TAG);
const ATTRIBUTE_SHAPES = shapes([...ATTRIBUTES.keys()], LONGEST_ATTRIBUTE);

/**
 * Finds links and the like in a page, in time proportional to its length whatever it contains: there is no tree, and no
 * stack of open elements.
 *
 * Entities are left to us: without them the tokenizer skips over text and values instead of reading every character.
 */
export function scanMarkup(html: string): Markup {
  const scanner = new MarkupScanner(html);
  const tokenizer = new Tokenizer({ decodeEntities: false }, scanner);
  tokenizer.write(html);
  tokenizer.end();
  return scanner;
}

class MarkupScanner implements Markup, TokenizerCallbacks {
  readonly links: RawLink[] = [];
  base: string | undefined = undefined;
  canonical: string | undefined = undefined;
  title: string | undefined = undefined;
  robots = '';
  resources = 0;

  readonly #html: string;
  /** What to do with the open tag; `undefined` for a tag of no interest. */
  #handler: Handler | undefined = undefined;
  /** Where the values of the open tag's attributes are: start and end side by side, -1 where there is none. */
  readonly #values = new Int32Array(SLOTS * 2);
  #slot = -1;
  /** The raw-text element that is open; tags in it are text. */
  #rawText = '';
  /** The raw-text element whose opening tag is being read. */
  #rawTextTag = '';
  /** Where the first title's text starts; -1 when not in it. */
  #titleStart = -1;

  constructor(html: string) {
    this.#html = html;
  }

  onopentagname(start: number, end: number): void {
    this.#handler = undefined;
    if (this.#rawText !== '' || !fits(TAG_SHAPES, LONGEST_TAG, this.#html, start, end)) return;
    const name = this.#html.slice(start, end).toLowerCase();
    this.#handler = TAGS.get(name);
    if (RAW_TEXT.has(name)) this.#rawTextTag = name;
    if (this.#handler !== undefined) this.#values.fill(-1);
  }

  onattribname(start: number, end: number): void {
    this.#slot = -1;
    if (this.#handler === undefined || !fits(ATTRIBUTE_SHAPES, LONGEST_ATTRIBUTE, this.#html, start, end))
      return;
    const slot = ATTRIBUTES.get(this.#html.slice(start, end).toLowerCase()) ?? -1;
    if (slot < 0 || this.#values[slot * 2] !== -1) return; // of two attributes of a name the first counts
    this.#slot = slot;
    this.#values[slot * 2] = end; // an empty value, until there is one
    this.#values[slot * 2 + 1] = end;
  }

  onattribdata(start: number, end: number): void {
    if (this.#slot < 0) return;
    this.#values[this.#slot * 2] = start;
    this.#values[this.#slot * 2 + 1] = end;
  }

  onattribend(): void {
    this.#slot = -1;
  }

  onopentagend(end: number): void {
    if (this.#rawTextTag !== '') {
      this.#rawText = this.#rawTextTag;
      this.#rawTextTag = '';
    }
    switch (this.#handler) {
      case undefined:
        return;
      case 'anchor':
        this.#link(this.#value(HREF), this.#hasToken(REL, 'nofollow'));
        break;
      case 'frame':
        this.#link(this.#value(SRC), false);
        break;
      case 'resource':
        if (this.#has(SRC)) this.resources++;
        break;
      case 'link':
        this.#linkElement();
        break;
      case 'base':
        this.base ??= this.#value(HREF);
        break;
      case 'meta':
        this.#meta();
        break;
      case 'title':
        if (this.title === undefined) this.#titleStart = end + 1;
        break;
    }
    this.#handler = undefined;
  }

  onselfclosingtag(end: number): void {
    // In HTML the slash means nothing, except that the tokenizer does not read a title's text then.
    if (this.#handler === 'title') this.#handler = undefined;
    this.onopentagend(end);
  }

  onclosetag(start: number, end: number): void {
    if (this.#rawText !== '' && end - start === this.#rawText.length) {
      if (this.#html.slice(start, end).toLowerCase() === this.#rawText) this.#rawText = '';
    }
    if (this.#titleStart >= 0) {
      const raw = this.#html.slice(this.#titleStart, start - 2); // up to the "</"
      this.#titleStart = -1;
      // Far more than the limit is not worth decoding.
      const words = decodeText(raw.slice(0, TITLE_LIMIT * 8)).split(/\s+/);
      // The space in front makes a string of its own, which does not keep the page alive as a slice does.
      this.title = ` ${words.join(' ')}`.trim().slice(0, TITLE_LIMIT);
    }
  }

  ontext(): void {}
  ontextentity(): void {}
  onattribentity(): void {}
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}

  #linkElement(): void {
    if (!this.#has(HREF)) return;
    if (this.#hasToken(REL, 'canonical')) this.canonical ??= this.#value(HREF);
    const toPage =
      this.#hasToken(REL, 'next') ||
      this.#hasToken(REL, 'prev') ||
      this.#hasToken(REL, 'canonical') ||
      (this.#hasToken(REL, 'alternate') && !this.#hasToken(REL, 'stylesheet') && this.#namesHtml());
    if (toPage) this.#link(this.#value(HREF), this.#hasToken(REL, 'nofollow'));
    else this.resources++;
  }

  /** Whether the `type` of a link is that of a page, or not said. */
  #namesHtml(): boolean {
    const type = this.#value(TYPE)?.trim().toLowerCase() ?? '';
    return type === '' || type.startsWith('text/html') || type.startsWith('application/xhtml');
  }

  #meta(): void {
    const content = this.#value(CONTENT);
    if (content === undefined) return;
    if (this.#value(NAME)?.trim().toLowerCase() === 'robots') {
      this.robots = this.robots === '' ? content.toLowerCase() : `${this.robots},${content.toLowerCase()}`;
    }
    if (this.#value(HTTP_EQUIV)?.trim().toLowerCase() === 'refresh') {
      const target = /^[\s\d.]*[;,\s]\s*(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(\S.*))/i.exec(content);
      this.#link(target?.[1] ?? target?.[2] ?? target?.[3], false);
    }
  }

  #link(href: string | undefined, nofollow: boolean): void {
    if (href !== undefined && href !== '') this.links.push({ href, nofollow });
  }

  #has(slot: number): boolean {
    return this.#values[slot * 2] !== -1;
  }

  #value(slot: number): string | undefined {
    const start = this.#values[slot * 2] ?? -1;
    return start < 0 ? undefined : decodeAttribute(this.#html.slice(start, this.#values[slot * 2 + 1]));
  }

  /** Whether the space-separated value of an attribute contains `token`. */
  #hasToken(slot: number, token: string): boolean {
    if (!this.#has(slot)) return false;
    const value = this.#value(slot)?.toLowerCase() ?? '';
    return value === token || value.split(/[\s,]+/).includes(token);
  }
}

function shapes(names: readonly string[], longest: number): Uint8Array {
  const table = new Uint8Array((longest + 1) * 32);
  for (const name of names) table[name.length * 32 + (name.charCodeAt(0) & 31)] = 1;
  return table;
}

function fits(table: Uint8Array, longest: number, html: string, start: number, end: number): boolean {
  const length = end - start;
  // The low five bits of a letter are its place in the alphabet, in either case.
  return length <= longest && table[length * 32 + (html.charCodeAt(start) & 31)] === 1;
}
