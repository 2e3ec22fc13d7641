import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/**
 * An ampersand that can only be itself in an attribute: `&name=` as in `?a=1&b=2`. The standard leaves a reference
 * without semicolon alone there when `=` or a letter or digit follows it.
 */
const NEEDS_DECODING = /&(?!amp;)(?![a-z0-9]+=)/i;
/** Ends a tokenizer's attribute value; must not appear in it. */
const QUOTE = '"';

/** The value of an attribute as it stands between the quotes, with character references resolved. */
export function decodeAttribute(raw: string): string {
  if (!raw.includes('&')) return raw;
  if (!NEEDS_DECODING.test(raw)) return raw.includes('&amp;') ? raw.replaceAll('&amp;', '&') : raw;
  return references(`<a a="${raw.replaceAll(QUOTE, '&quot;')}">`);
}

/** Text as it stands in a page, with character references resolved. */
export function decodeText(raw: string): string {
  return raw.includes('&') ? references(raw.replaceAll('<', '&lt;')) : raw;
}

/** Runs `html`, one tag with one attribute or text alone, through htmlparser2's decoder. */
function references(html: string): string {
  let decoded = '';
  const take = (start: number, end: number): void => {
    decoded += html.slice(start, end);
  };
  const takeCode = (code: number): void => {
    decoded += String.fromCodePoint(code);
  };
  const callbacks: TokenizerCallbacks = {
    ...IGNORE_ALL,
    onattribdata: take,
    onattribentity: takeCode,
    ontext: take,
    ontextentity: takeCode,
  };
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks);
  tokenizer.write(html);
  tokenizer.end();
  return decoded;
}

/** Callbacks that do nothing, to be overridden one by one. */
export const IGNORE_ALL: TokenizerCallbacks = {
  onattribdata: () => {},
  onattribentity: () => {},
  onattribend: () => {},
  onattribname: () => {},
  oncdata: () => {},
  onclosetag: () => {},
  oncomment: () => {},
  ondeclaration: () => {},
  onend: () => {},
  onopentagend: () => {},
  onopentagname: () => {},
  onprocessinginstruction: () => {},
  onselfclosingtag: () => {},
  ontext: () => {},
  ontextentity: () => {},
};
