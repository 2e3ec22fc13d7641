import { deflateSync } from 'node:zlib';
import type { DefaultTreeAdapterTypes as Tree } from 'parse5';
import { simhash } from './simhash.ts';

/** Elements whose content is not text for a reader. */
const UNREAD = new Set(['script', 'style', 'template', 'noscript', 'head']);

/** What is kept of a page that was read as a tree. */
export interface DomWork {
  readonly words: number;
  /** 64 bits in hex: pages that say nearly the same differ in few of them. */
  readonly simhash: string;
  /** Bytes of the text, compressed. */
  readonly compressed: number;
}

/** Parses a document. */
export type Parse = (html: string) => Tree.Document;

/** Reads a page the way an indexer does: tree, text, fingerprint, compression. */
export function readDom(html: string, parse: Parse): DomWork {
  const text = textOf(html, parse);
  const words = text.split(/\s+/).filter(Boolean);
  return { words: words.length, simhash: simhash(words), compressed: deflateSync(text).byteLength };
}

/** The text of a page: without markup, scripts and styles. */
export function textOf(html: string, parse: Parse): string {
  const pieces: string[] = [];
  // A stack of our own: pages nest deeper than calls can.
  const stack: Tree.Node[] = [parse(html)];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.nodeName === '#text') pieces.push((node as Tree.TextNode).value);
    else if ('childNodes' in node && !UNREAD.has(node.nodeName)) {
      for (let index = node.childNodes.length - 1; index >= 0; index--) {
        stack.push(node.childNodes[index] as Tree.Node);
      }
    }
  }
  return pieces.join(' ').replace(/\s+/g, ' ').trim();
}
