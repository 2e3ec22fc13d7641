const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text, and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** As {@link escapeHtml}, for sentences: no line ends between a figure and its unit. */
export function escapeProse(text: string): string {
  return escapeHtml(text).replace(/(\d) (?=(?:%|ms\b|s\b|[KMG]?B\b))/g, '$1\u00a0');
}

/** JSON for a `<script>`: nothing in it can end the element, open a comment, or end a line where none ends. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
