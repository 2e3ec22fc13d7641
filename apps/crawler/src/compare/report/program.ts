import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The page's own modules: each after those that it imports from. */
const MODULES = ['dom', 'format', 'state', 'bars', 'lines', 'charts', 'lanes', 'downloads', 'main'] as const;

/** uPlot, and the style it needs. */
export function plotLibrary(): { readonly script: string; readonly style: string } {
  const { resolve } = createRequire(import.meta.url);
  const read = (name: string): string => readFileSync(resolve(`uplot/dist/${name}`), 'utf8');
  return { script: harmless(read('uPlot.iife.min.js')), style: read('uPlot.min.css') };
}

/**
 * What runs in the page, as one script. A page on disk cannot import modules, so that they are put one after the other into one
 * function, without their imports and exports; no two of them may declare the same name at their top.
 */
export function program(): string {
  const parts = MODULES.map((name) => {
    const text = readFileSync(new URL(`./client/${name}.js`, import.meta.url), 'utf8');
    return text
      .replace(/^import\b[^;]*;$/gm, '')
      .replace(/^export (?=(?:async )?(?:function|const|let|class)\b)/gm, '')
      .replace(/^export \{\};?$/gm, '')
      .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
      .trim();
  });
  return harmless(`(() => {\n'use strict';\n${parts.join('\n\n')}\n})();`);
}

/** No text of a program may end the element that it is in. */
function harmless(script: string): string {
  return script.replace(/<\/(script)/gi, '<\\/$1');
}
