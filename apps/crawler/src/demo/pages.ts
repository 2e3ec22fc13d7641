import { type Dice, sentence } from './words.ts';

/**
 * Ways to write the same link, one after the other, as real pages do. None contains the port, which is another one in
 * every run: pages are the same, byte for byte.
 */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}#details`,
  (path) => `..${path}`, // right from the front page too: there is nothing above it
];

/** An ordinary page: some prose, the links in many spellings, the usual resources, at least `size` bytes. */
export function plainPage(title: string, links: readonly string[], size: number, dice: Dice): string {
  const items = links.map((path, index) => {
    const spell = SPELLINGS[index % SPELLINGS.length];
    return `<li><a class="track" href="${spell === undefined ? path : spell(path)}">${path}</a></li>`;
  });
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} | Switchyard demo</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg">
<script src="/script.js" defer></script>
</head>
<body>
<h1>${title}</h1>
<nav><a href="/">Home</a> <a href="mailto:yard@example.com">Write to us</a></nav>
<ul>
${items.join('\n')}
</ul>
<img src="/logo.png" alt="">
`;
  const foot = '</body>\n</html>\n';
  const paragraphs: string[] = [];
  let length = head.length + foot.length;
  while (length < size) {
    const paragraph = `<p>${sentence(dice)} ${sentence(dice)} ${sentence(dice)}</p>\n`;
    paragraphs.push(paragraph);
    length += paragraph.length;
  }
  return head + paragraphs.join('') + foot;
}
