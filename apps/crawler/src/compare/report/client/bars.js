import { make } from './dom.js';
import { lookOf, swatch } from './state.js';

/**
 * @typedef {object} Bar
 * @property {string} id of the setting
 * @property {readonly number[]} parts one behind the other
 * @property {readonly [number, number] | null} interval
 * @property {string[]} texts of the columns behind the bar
 */

/**
 * A table of which one column is drawn: the picture and its figures are one.
 *
 * @param {HTMLElement} host
 * @param {string} caption
 * @param {string[]} heads of the columns behind the bar
 * @param {Bar[]} bars
 */
export function drawBars(host, caption, heads, bars) {
  const most = Math.max(1e-9, ...bars.map(({ parts, interval }) => Math.max(sum(parts), interval?.[1] ?? 0)));
  const share = (/** @type {number} */ value) => `${((value / most) * 100).toFixed(2)}%`;
  host.replaceChildren(
    make(
      'table',
      { class: 'bars' },
      make('caption', { class: 'unseen' }, caption),
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          make('th', { scope: 'col' }, 'engine'),
          make('td', { class: 'track', 'aria-hidden': 'true' }),
          ...heads.map((head) => make('th', { scope: 'col' }, head)),
        ),
      ),
      make(
        'tbody',
        {},
        ...bars.map(({ id, parts, interval, texts }) => {
          const line = make('div', { class: 'bar' });
          let from = 0;
          for (const [index, part] of parts.entries()) {
            const piece = make('span', { class: `piece piece-${index}` });
            piece.style.left = share(from);
            piece.style.width = share(part);
            piece.style.background = `var(--series-${lookOf(id).color})`;
            line.append(piece);
            from += part;
          }
          if (interval !== null) {
            const whisker = make('span', { class: 'whisker' });
            whisker.style.left = share(interval[0]);
            whisker.style.width = share(interval[1] - interval[0]);
            line.append(whisker);
          }
          return make(
            'tr',
            { 'data-setting': id },
            make('th', { scope: 'row' }, swatch(id), ' ', id),
            make('td', { class: 'track', 'aria-hidden': 'true' }, line),
            ...texts.map((text) => make('td', {}, text)),
          );
        }),
      ),
    ),
  );
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}
